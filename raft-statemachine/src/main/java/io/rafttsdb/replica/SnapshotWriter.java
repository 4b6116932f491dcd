package io.rafttsdb.replica;

import io.rafttsdb.replica.disk.SnapshotBlock;
import io.rafttsdb.replica.disk.SnapshotDirectory;
import io.rafttsdb.replica.disk.SnapshotFile;
import io.rafttsdb.replica.disk.SnapshotManifest;
import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.Digest;
import io.rafttsdb.storage.manifest.ManifestPart;
import io.rafttsdb.storage.model.Ulid;
import io.rafttsdb.storage.part.BlockCover;
import io.rafttsdb.storage.part.BlockFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Writes a frozen state as a snapshot: second names for the files of its blocks, and the image of
 * the Head. Everything is forced, from the files up, before the snapshot gets its name.
 */
final class SnapshotWriter {
  private final SnapshotDirectory snapshots;
  private final UUID clusterId;
  private final Disk disk;

  SnapshotWriter(SnapshotDirectory snapshots, UUID clusterId, Disk disk) {
    this.snapshots = snapshots;
    this.clusterId = clusterId;
    this.disk = disk;
  }

  /**
   * Writes and publishes a snapshot.
   *
   * @throws Uncovered where the state could not be rebuilt from this node's files; nothing is left
   */
  SnapshotManifest write(FrozenState frozen) throws IOException {
    BlockCover cover = frozen.tsdb().cover(frozen.blocks()::sizeBytes);
    if (!cover.uncovered().isEmpty()) {
      throw new Uncovered(cover.uncovered());
    }
    long term = frozen.applied().getTerm();
    long index = frozen.applied().getIndex();
    Path temporary = snapshots.temporary(term + "_" + index);
    try {
      List<SnapshotBlock> blocks = linkBlocks(frozen, cover, temporary);
      byte[] hash = frozen.tsdb().writeTo(temporary.resolve(SnapshotManifest.IMAGE_NAME));
      SnapshotManifest manifest =
          new SnapshotManifest(
              clusterId,
              term,
              index,
              HexFormat.of().formatHex(hash),
              List.of(SnapshotFile.of(temporary, SnapshotManifest.IMAGE_NAME)),
              blocks,
              frozen.members());
      snapshots.publish(temporary, manifest);
      return manifest;
    } catch (IOException | RuntimeException e) {
      disk.delete(temporary);
      throw e;
    }
  }

  private List<SnapshotBlock> linkBlocks(FrozenState frozen, BlockCover cover, Path temporary)
      throws IOException {
    List<SnapshotBlock> linked = new ArrayList<>();
    if (cover.blocks().isEmpty()) {
      return linked;
    }
    Path blocks = temporary.resolve(SnapshotBlock.DIRECTORY);
    disk.createDirectory(blocks);
    for (Ulid ulid : cover.blocks()) {
      Path from =
          frozen
              .blocks()
              .directoryOf(ulid)
              .orElseThrow(() -> new IllegalStateException("block " + ulid + " is not held"));
      Path to = blocks.resolve(ulid.toString());
      BlockFiles.link(disk, from, to);
      linked.add(new SnapshotBlock(ulid, checksum(frozen, ulid, to), BlockFiles.of(to)));
    }
    disk.forceDirectory(blocks);
    return linked;
  }

  /**
   * As the manifest has it, or an earlier snapshot of the same files. Only a block that no majority
   * has certified, and a parent that stands in for its child, are read, and each of them once.
   */
  private Digest checksum(FrozenState frozen, Ulid ulid, Path block) throws IOException {
    Optional<BlockFacts> facts = frozen.tsdb().manifest().part(ulid).map(ManifestPart::facts);
    if (facts.isPresent()) {
      return facts.get().checksum();
    }
    for (SnapshotManifest earlier : snapshots.list()) {
      Optional<SnapshotBlock> known = earlier.block(ulid);
      if (known.isPresent()) {
        return known.get().checksum();
      }
    }
    return BlockFiles.checksum(block, bytes -> {});
  }
}
