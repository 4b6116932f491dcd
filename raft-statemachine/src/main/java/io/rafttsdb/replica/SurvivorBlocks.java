package io.rafttsdb.replica;

import io.rafttsdb.replica.disk.SecondFiles;
import io.rafttsdb.replica.disk.SnapshotBlock;
import io.rafttsdb.replica.disk.SoundSnapshots;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.Manifest;
import io.rafttsdb.storage.manifest.ManifestPart;
import io.rafttsdb.storage.model.BlockFile;
import io.rafttsdb.storage.model.CorruptFile;
import io.rafttsdb.storage.model.Ulid;
import io.rafttsdb.storage.part.BlockFiles;
import io.rafttsdb.storage.part.PartStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings the blocks of a manifest from a directory that is only read into a new one: from among its
 * blocks, or from one of its snapshots, each read through and compared with what a majority found.
 */
final class SurvivorBlocks {

  private final List<Path> places;
  private final PartStore store;
  private final Path staging;
  private final Consumer<String> progress;
  private final List<String> flaws = new ArrayList<>();

  SurvivorBlocks(
      Path from,
      List<SoundSnapshots.Found> snapshots,
      PartStore store,
      Path staging,
      Consumer<String> progress) {
    this.store = store;
    this.staging = staging;
    this.progress = progress;
    List<Path> all = new ArrayList<>();
    all.add(ReplicaDirectory.blocks(from));
    snapshots.forEach(found -> all.add(found.directory().resolve(SnapshotBlock.DIRECTORY)));
    this.places = List.copyOf(all);
  }

  /**
   * Brings what is there of each part, or what stands in for it.
   *
   * @return what is wrong with what could not be used; a line each
   */
  List<String> bring(Manifest manifest) throws IOException {
    int done = 0;
    for (ManifestPart part : manifest.parts()) {
      BlockFacts facts = part.facts();
      if (facts != null && !bring(part.ulid(), facts)) {
        for (ManifestPart.Parent parent : part.parents()) {
          boolean _ = bring(parent.ulid(), null);
        }
      }
      done++;
      progress.accept("block " + done + " of " + manifest.parts().size() + ": " + part.ulid());
    }
    return List.copyOf(flaws);
  }

  private boolean bring(Ulid ulid, @Nullable BlockFacts expected) throws IOException {
    if (store.has(ulid)) {
      return true;
    }
    for (Path place : places) {
      Path block = place.resolve(ulid.toString());
      if (Files.isDirectory(block) && bring(ulid, block, expected)) {
        return true;
      }
    }
    return false;
  }

  private boolean bring(Ulid ulid, Path block, @Nullable BlockFacts expected) throws IOException {
    Path staged = staging.resolve(ulid.toString());
    String flaw = "";
    try {
      stage(block, staged);
      BlockFacts found = BlockFiles.verify(staged, bytes -> {});
      if (expected != null && !found.checksum().equals(expected.checksum())) {
        flaw = "other bytes than a majority had";
      }
    } catch (IOException e) {
      flaw = String.valueOf(e.getMessage());
      requireUnreadable(block, e, e instanceof CorruptFile);
    }
    if (!flaw.isEmpty()) {
      flaws.add(block + ": " + flaw);
      ReplicaDirectory.DISK.delete(staged);
      return false;
    }
    store.adopt(ulid, staged);
    return true;
  }

  private static void stage(Path block, Path staged) throws IOException {
    for (BlockFile file : BlockFiles.of(block)) {
      SecondFiles.make(block, staged, file.name());
    }
    BlockFiles.complete(ReplicaDirectory.DISK, staged);
    ReplicaDirectory.DISK.forceDirectory(staged.resolve("chunks"));
    ReplicaDirectory.DISK.forceDirectory(staged);
  }

  /** What can be read where it is failed on the new disk, and must not count as lost. */
  private static void requireUnreadable(Path block, IOException failure, boolean isCorrupt)
      throws IOException {
    if (isCorrupt) {
      return;
    }
    try {
      var _ = BlockFiles.checksum(block, bytes -> {});
    } catch (IOException unreadable) {
      return;
    }
    throw failure;
  }
}
