package io.rafttsdb.storage;

import io.rafttsdb.storage.block.BlockMeta;
import io.rafttsdb.storage.block.ChunkSource;
import io.rafttsdb.storage.block.Lease;
import io.rafttsdb.storage.compact.Compactor;
import io.rafttsdb.storage.compact.Pace;
import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.head.FrozenHead;
import io.rafttsdb.storage.head.FrozenHeadSource;
import io.rafttsdb.storage.head.SealedPart;
import io.rafttsdb.storage.manifest.BlockDelete;
import io.rafttsdb.storage.manifest.Manifest;
import io.rafttsdb.storage.manifest.ManifestPart;
import io.rafttsdb.storage.manifest.ManifestPart.Parent;
import io.rafttsdb.storage.model.MissingBlock;
import io.rafttsdb.storage.model.Ulid;
import io.rafttsdb.storage.part.BlockLinks;
import io.rafttsdb.storage.part.Blocks;
import io.rafttsdb.storage.part.PartDeletes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Writes one state of a shard as a directory of blocks that a Prometheus server or promtool opens:
 * hard links of the blocks, with their deletes as tombstones, and new blocks of what is in memory.
 */
final class BlockExport {

  private final Disk disk;
  private final Path directory;
  private final Blocks blocks;
  private final Compactor compactor;
  private final List<Ulid> written = new ArrayList<>();

  /**
   * An export into a directory on the blocks' file system.
   *
   * @param pace asked before each write
   */
  BlockExport(Disk disk, Path directory, Blocks blocks, Pace pace) {
    this.disk = disk;
    this.directory = directory;
    this.blocks = blocks;
    this.compactor = new Compactor(disk, directory, pace);
  }

  /**
   * Writes all blocks.
   *
   * @param head name of the block that the Head becomes; empty: the Head is left out
   * @return the blocks' names, in the manifest's order
   * @throws MissingBlock where a block of the manifest is not on this node
   */
  List<Ulid> write(FrozenHead frozen, Optional<Ulid> head)
      throws IOException, InterruptedException {
    Manifest manifest = frozen.manifest();
    for (ManifestPart part : manifest.parts()) {
      PartDeletes deletes = new PartDeletes(manifest.deletesOf(part));
      Optional<SealedPart> sealed =
          frozen.allParts().stream()
              .filter(each -> each.range().ulid().equals(part.ulid()))
              .findFirst();
      if (sealed.isPresent()) {
        build(part.ulid(), deletes, sealed.get(), part.minMs(), part.endMs());
      } else if (!link(part.ulid(), deletes)) {
        linkParents(part, deletes);
      }
    }
    if (head.isPresent() && frozen.stats().sampleCount() > 0) {
      build(
          head.get(),
          PartDeletes.NONE,
          new FrozenHeadSource(frozen),
          frozen.oldestMs(),
          frozen.stats().maxMs() + 1);
    }
    return List.copyOf(written);
  }

  private void build(Ulid ulid, PartDeletes deletes, ChunkSource source, long minMs, long endMs)
      throws IOException, InterruptedException {
    Optional<BlockMeta> built =
        compactor.build(ulid, deletes.over(source), minMs, endMs, List.of());
    if (built.isPresent()) {
      written.add(ulid);
    }
  }

  private boolean link(Ulid ulid, PartDeletes deletes) throws IOException {
    Optional<Lease> lease = blocks.acquire(ulid);
    if (lease.isEmpty()) {
      return false;
    }
    try (Lease held = lease.get()) {
      BlockLinks.link(disk, held, deletes, directory);
      written.add(ulid);
      return true;
    }
  }

  private void linkParents(ManifestPart part, PartDeletes borne) throws IOException {
    if (part.parents().isEmpty()) {
      throw new MissingBlock(part.ulid(), "it is not in the data directory");
    }
    for (Parent parent : part.parents()) {
      List<BlockDelete> deletes = new ArrayList<>(parent.carriedOut());
      deletes.addAll(borne.deletes());
      if (!link(parent.ulid(), new PartDeletes(deletes))) {
        throw new MissingBlock(part.ulid(), "it is not built yet");
      }
    }
  }
}
