package io.rafttsdb.replica;

import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.file.DiskFile;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A mistake that a node of the simulation makes, so that a test can show that it would be found.
 */
enum Mutant {
  /** As it ought to be. */
  NONE,
  /** The log goes as far as it was applied, whatever the snapshots have. R4. */
  PURGES_TOO_EARLY,
  /** Blocks count as there before they are forced, and parts are forgotten upon that. R4. */
  FORGETS_BEFORE_FSYNC,
  /** What becomes of a delete depends on the blocks that are here. R3. */
  APPLY_READS_BLOCKS,
  /** What went into a compaction goes as soon as this node has built the result. R2. */
  DROPS_SOURCES_EARLY,
  /** A command that no longer fits is carried out as far as it goes, by the node that leads. R5. */
  LEADER_APPLIES_ANYHOW,
  /** A sealed part leaves the memory as soon as the manifest has its block. R4. */
  FORGETS_WHAT_OTHERS_HAVE;

  /** The disk as this node uses it. */
  Disk disk(SimulatedDisk disk) {
    return this == FORGETS_BEFORE_FSYNC ? new UnforcedBlocks(disk) : disk;
  }

  /** Forces nothing below the directory of blocks. */
  private record UnforcedBlocks(SimulatedDisk disk) implements Disk {

    private boolean isBlock(Path path) {
      return path.startsWith(disk.root().resolve("blocks"));
    }

    @Override
    public DiskFile create(Path file) throws IOException {
      DiskFile created = disk.create(file);
      return isBlock(file) ? new UnforcedFile(created) : created;
    }

    @Override
    public void createDirectory(Path directory) throws IOException {
      disk.createDirectory(directory);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
      disk.rename(from, to);
    }

    @Override
    public void link(Path existing, Path link) throws IOException {
      disk.link(existing, link);
    }

    @Override
    public void delete(Path path) throws IOException {
      disk.delete(path);
    }

    @Override
    public void forceDirectory(Path directory) throws IOException {
      if (!isBlock(directory)) {
        disk.forceDirectory(directory);
      }
    }
  }

  private record UnforcedFile(DiskFile file) implements DiskFile {
    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      file.write(bytes, offset, length);
    }

    @Override
    public void overwrite(long position, byte[] bytes) throws IOException {
      file.overwrite(position, bytes);
    }

    @Override
    public long length() {
      return file.length();
    }

    @Override
    public void force() {}

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
