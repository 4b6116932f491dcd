package io.rafttsdb.storage;

import io.rafttsdb.storage.compact.Pace;
import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.head.FrozenHead;
import io.rafttsdb.storage.head.ImageWriter;
import io.rafttsdb.storage.manifest.Manifest;
import io.rafttsdb.storage.model.Ulid;
import io.rafttsdb.storage.part.BlockCover;
import io.rafttsdb.storage.part.Blocks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A {@link Tsdb} as it was after one log entry. May be handed to another thread; keeps memory alive
 * until it is let go.
 */
public final class FrozenTsdb {

  private final FrozenHead head;
  private final Blocks blocks;

  FrozenTsdb(FrozenHead head, Blocks blocks) {
    this.head = head;
    this.blocks = blocks;
  }

  /** The log entry. */
  public long index() {
    return head.index();
  }

  /** What lies below the Head. */
  public Manifest manifest() {
    return head.manifest();
  }

  /**
   * The blocks that make the image a state which can be rebuilt.
   *
   * @param sizeBytes of a block's index and segments; empty where the block is not here
   */
  public BlockCover cover(Function<Ulid, OptionalLong> sizeBytes) {
    Set<Ulid> inImage =
        head.allParts().stream().map(part -> part.range().ulid()).collect(Collectors.toSet());
    return BlockCover.of(head.manifest(), inImage, sizeBytes);
  }

  /**
   * Writes an image that {@link Tsdb#load} reads, and forces it to disk. The file is created or
   * replaced; a failure may leave a part of it. Forcing the directory and renaming are the
   * caller's. Equal histories give equal bytes.
   *
   * @return {@link #stateHash}
   */
  public byte[] writeTo(Path file) throws IOException {
    return ImageWriter.write(head, file);
  }

  /** SHA-256 of everything that applying reads, the entry's index aside. */
  public byte[] stateHash() {
    return ImageWriter.hash(head);
  }

  /**
   * Writes this state as blocks that a Prometheus server or promtool opens: hard links of the
   * blocks, with what is deleted of them as tombstones, and new blocks of what is in memory. All of
   * it is forced to disk.
   *
   * @param directory there and empty, on the file system of the blocks
   * @param headName name of the block that the Head becomes; empty: the Head is left out
   * @param pace asked before each write
   * @return names of the blocks
   * @throws io.rafttsdb.storage.model.MissingBlock where a block is not on this node
   * @throws InterruptedException where the pace or an interrupt ended it
   */
  public List<Ulid> writeBlocks(Disk disk, Path directory, Optional<Ulid> headName, Pace pace)
      throws IOException, InterruptedException {
    return new BlockExport(disk, directory, blocks, pace).write(head, headName);
  }
}
