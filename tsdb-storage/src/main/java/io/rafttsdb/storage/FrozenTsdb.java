package io.rafttsdb.storage;

import io.rafttsdb.storage.compact.Pace;
import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.file.DiskFile;
import io.rafttsdb.storage.head.FrozenHead;
import io.rafttsdb.storage.head.ImageWriter;
import io.rafttsdb.storage.manifest.Manifest;
import io.rafttsdb.storage.model.HeadStats;
import io.rafttsdb.storage.model.Settings;
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
import org.jspecify.annotations.Nullable;

/**
 * A {@link Tsdb} as it was after one log entry. May be handed to another thread; keeps memory and
 * files alive until it is closed and let go.
 */
public final class FrozenTsdb implements AutoCloseable {

  /** Name of the image in a snapshot. */
  public static final String IMAGE_NAME = "head";

  /** Name of the directory of full chunks in a snapshot. */
  public static final String CHUNKS_NAME = "chunks_head";

  private final FrozenHead head;
  private final Disk disk;

  FrozenTsdb(FrozenHead head, Disk disk) {
    this.head = head;
    this.disk = disk;
  }

  /** The log entry. */
  public long index() {
    return head.index();
  }

  /** The settings, or null before the first. */
  public @Nullable Settings settings() {
    return head.settings();
  }

  /** Size of the Head, without the sealed parts. */
  public HeadStats stats() {
    return head.stats();
  }

  /** Samples before this time were cut off; {@link Long#MIN_VALUE} before the first cut. */
  public long sealedUpToMs() {
    return head.sealedUpToMs();
  }

  /** Parts of which this node has the samples in memory. */
  public Set<Ulid> partsInMemory() {
    return head.allParts().stream().map(part -> part.range().ulid()).collect(Collectors.toSet());
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
    return BlockCover.of(head.manifest(), partsInMemory(), sizeBytes);
  }

  /**
   * Writes an image that {@link Tsdb#load} reads and that needs no other file, and forces it to
   * disk. The file is created or replaced; a failure may leave a part of it. Forcing the directory
   * and renaming are the caller's.
   *
   * @return {@link #stateHash}
   */
  public byte[] writeTo(Path file) throws IOException {
    disk.delete(file);
    return write(file, Set.of());
  }

  /**
   * Writes an image, beside it hard links to the files of full chunks, and forces all of it to
   * disk: what {@link Tsdb#load} reads from a directory. The present file of full chunks is ended
   * for that. Renaming the directory and forcing its parent are the caller's.
   *
   * @param directory there, on the file system of the full chunks; has neither of the names yet
   * @return {@link #stateHash}
   */
  public byte[] writeSnapshot(Path directory) throws IOException {
    Path chunks = directory.resolve(CHUNKS_NAME);
    disk.createDirectory(chunks);
    Set<Integer> files = ImageWriter.link(head, chunks);
    byte[] hash = write(directory.resolve(IMAGE_NAME), files);
    disk.forceDirectory(directory);
    return hash;
  }

  private byte[] write(Path image, Set<Integer> files) throws IOException {
    try (DiskFile file = disk.create(image)) {
      return ImageWriter.write(head, file, files);
    }
  }

  /**
   * SHA-256 of everything that applying reads, the entry's index aside. Equal histories give equal
   * ones, wherever chunks are.
   *
   * @throws java.io.UncheckedIOException where a chunk that was open then is on disk by now, and
   *     can't be read
   */
  public byte[] stateHash() {
    return ImageWriter.hash(head);
  }

  /**
   * Writes this state as blocks that a Prometheus server or promtool opens: hard links of the
   * blocks, with what is deleted of them as tombstones, and new blocks of what is in memory. All of
   * it is forced to disk.
   *
   * @param directory there, on the file system of the blocks, without any of these
   * @param blocks those of the moment of this state: what is written takes its time, and meanwhile
   *     blocks come and go
   * @param headName name of the block that the Head becomes; empty: the Head is left out
   * @param pace asked before each write
   * @return names of the blocks
   * @throws io.rafttsdb.storage.model.MissingBlock where a block is not on this node
   * @throws InterruptedException where the pace or an interrupt ended it
   */
  public List<Ulid> writeBlocks(
      Disk disk, Path directory, Blocks blocks, Optional<Ulid> headName, Pace pace)
      throws IOException, InterruptedException {
    return new BlockExport(disk, directory, blocks, pace).write(head, headName);
  }

  /** Lets files go that were kept for this. Closing twice is closing once. */
  @Override
  public void close() {
    head.close();
  }
}
