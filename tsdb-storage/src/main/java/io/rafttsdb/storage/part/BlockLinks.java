package io.rafttsdb.storage.part;

import io.rafttsdb.storage.block.Block;
import io.rafttsdb.storage.block.Lease;
import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.manifest.BlockDelete;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Second names for the files of a block in another directory of the same file system, so that a
 * snapshot costs no space and outlives the block. The files of a block are never written to: what
 * deletes change, tombstones and counts, is replaced by new files.
 */
public final class BlockLinks {

  private static final String TEMPORARY = ".tmp-for-creation";

  private BlockLinks() {}

  /**
   * Links a block into a directory of blocks, and makes that last.
   *
   * @param lease held until this returns
   * @param deletes carried out as tombstones of the linked block
   * @param directory on the same file system; must not have the block
   */
  public static void link(Disk disk, Lease lease, PartDeletes deletes, Path directory)
      throws IOException {
    Path from = lease.block().directory();
    Path target = directory.resolve(lease.block().meta().ulid().toString());
    Path temporary = target.resolveSibling(target.getFileName() + TEMPORARY);
    disk.delete(temporary);
    try {
      linkTree(disk, from, temporary);
      carryOut(disk, deletes, temporary);
      disk.forceDirectory(temporary);
      disk.rename(temporary, target);
    } catch (IOException | RuntimeException e) {
      disk.delete(temporary);
      throw e;
    }
    disk.forceDirectory(directory);
  }

  private static void linkTree(Disk disk, Path from, Path to) throws IOException {
    disk.createDirectory(to);
    List<Path> entries;
    try (Stream<Path> listed = Files.list(from)) {
      entries = listed.sorted().toList();
    }
    for (Path entry : entries) {
      Path copy = to.resolve(entry.getFileName());
      if (Files.isDirectory(entry)) {
        linkTree(disk, entry, copy);
        disk.forceDirectory(copy);
      } else {
        disk.link(entry, copy);
      }
    }
  }

  private static void carryOut(Disk disk, PartDeletes deletes, Path directory) throws IOException {
    if (deletes.deletes().isEmpty()) {
      return;
    }
    try (Block linked = Block.open(directory);
        Lease _ = linked.acquire()) {
      for (BlockDelete delete : deletes.deletes()) {
        linked.delete(disk, delete.matchers(), delete.minMs(), delete.maxMs());
      }
    }
  }
}
