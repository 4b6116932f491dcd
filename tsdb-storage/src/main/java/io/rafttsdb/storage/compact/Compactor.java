package io.rafttsdb.storage.compact;

import io.rafttsdb.storage.block.BlockMeta;
import io.rafttsdb.storage.block.BlockMeta.Compaction;
import io.rafttsdb.storage.block.BlockMeta.Parent;
import io.rafttsdb.storage.block.BlockWriter;
import io.rafttsdb.storage.block.ChunkPointer;
import io.rafttsdb.storage.block.ChunkSeries;
import io.rafttsdb.storage.block.ChunkSource;
import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.merge.SeriesMerge;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Makes one block of one or more parts of the storage. Streaming: it holds the chunks of one series
 * at a time, besides what the {@link BlockWriter} needs for the index. The same parts give the same
 * bytes, on every machine.
 *
 * <p>It ends early where the {@link Pace} ends it or its thread is interrupted. Then, as after an
 * error, nothing of the block is left behind.
 *
 * <p>For any threads; each call works on its own.
 */
public final class Compactor {

  /**
   * Raised whenever the same parts would give other bytes than before. Entries that order a block
   * bear it, and a program that knows another one stops there, lest the replicas differ.
   */
  public static final int VERSION = 1;

  private final Disk disk;
  private final Path blocks;

  /**
   * A compactor of a shard.
   *
   * @param blocks the directory of the shard's blocks
   * @param pace before every write it is asked for leave
   */
  public Compactor(Disk disk, Path blocks, Pace pace) {
    this.disk = new PacedDisk(disk, pace);
    this.blocks = blocks;
  }

  /**
   * A block to be merged.
   *
   * @param chunks what it holds; for a {@link io.rafttsdb.storage.block.Block} the caller has a
   *     lease as long as it is read
   */
  public record Source(BlockMeta meta, ChunkSource chunks) {}

  /**
   * Writes a block of the first level.
   *
   * @param part samples outside of [minMs, endMs) are left out
   * @param hints of the block's meta
   * @return the block, or nothing where no sample is left and so no block was written
   * @throws IOException where a part can't be read or the block not be written
   * @throws InterruptedException where the work was ended
   */
  public Optional<BlockMeta> build(
      Ulid ulid, ChunkSource part, long minMs, long endMs, List<String> hints)
      throws IOException, InterruptedException {
    Compaction compaction = new Compaction(1, List.of(ulid), List.of(), false, false, hints);
    return write(ulid, new SeriesMerge(List.of(part), minMs, endMs), minMs, endMs, compaction);
  }

  /**
   * Merges blocks into one that replaces them. Its range is that of all of them together; samples
   * outside of it are left out. A single block is written anew without what is deleted of it.
   *
   * @param sources in the order in which they entered the manifest: of samples with equal
   *     timestamps that of the first block stays
   * @return the block, or nothing where no sample is left and so no block was written
   * @throws IOException where a block can't be read or written
   * @throws InterruptedException where the work was ended
   */
  public Optional<BlockMeta> compact(Ulid ulid, List<Source> sources)
      throws IOException, InterruptedException {
    long minMs = Long.MAX_VALUE;
    long endMs = Long.MIN_VALUE;
    List<ChunkSource> parts = new ArrayList<>();
    for (Source source : sources) {
      BlockMeta meta = source.meta;
      minMs = Math.min(minMs, meta.minMs());
      endMs = Math.max(endMs, meta.endMs());
      parts.add(source.chunks);
    }
    List<BlockMeta> metas = sources.stream().map(Source::meta).toList();
    return write(ulid, new SeriesMerge(parts, minMs, endMs), minMs, endMs, mergedFrom(metas));
  }

  /**
   * Prometheus's rules (tsdb/compact.go, CompactBlockMetas); hints are kept that all blocks have.
   */
  private static Compaction mergedFrom(List<BlockMeta> blocks) {
    int level = 0;
    TreeSet<Ulid> sources = new TreeSet<>();
    List<Parent> parents = new ArrayList<>();
    List<String> hints = new ArrayList<>(blocks.getFirst().compaction().hints());
    for (BlockMeta block : blocks) {
      level = Math.max(level, block.compaction().level());
      sources.addAll(block.compaction().sources());
      parents.add(new Parent(block.ulid(), block.minMs(), block.endMs()));
      hints.retainAll(block.compaction().hints());
    }
    return new Compaction(level + 1, List.copyOf(sources), parents, false, false, hints);
  }

  private Optional<BlockMeta> write(
      Ulid ulid, SeriesMerge merge, long minMs, long endMs, Compaction compaction)
      throws IOException, InterruptedException {
    Path block = blocks.resolve(ulid.toString());
    if (Files.exists(block)) {
      throw new FileAlreadyExistsException(block.toString());
    }
    try (BlockWriter writer = new BlockWriter(disk, blocks, ulid)) {
      try {
        fill(writer, merge);
        BlockMeta meta = writer.finish(minMs, endMs, compaction);
        return meta.compaction().deletable() ? Optional.empty() : Optional.of(meta);
      } catch (InterruptedIOException | ClosedByInterruptException e) {
        throw ended(ulid, e);
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
    }
  }

  /** Clears the interrupt, so that what is left behind can be deleted. */
  private static InterruptedException ended(Ulid ulid, IOException cause) {
    boolean wasInterrupted = Thread.interrupted();
    InterruptedException ended =
        new InterruptedException(
            "block "
                + ulid
                + (wasInterrupted ? ": interrupted" : ": ended")
                + " before it was done");
    ended.initCause(cause);
    return ended;
  }

  private static void fill(BlockWriter writer, SeriesMerge merge) throws IOException {
    writer.symbols(merge.symbols());
    for (Iterator<ChunkSeries> all = merge.series(); all.hasNext(); ) {
      ChunkSeries series = all.next();
      List<Chunk> chunks = new ArrayList<>(series.chunks().size());
      for (ChunkPointer chunk : series.chunks()) {
        chunks.add(chunk.load());
      }
      writer.series(series.labels(), chunks);
    }
  }
}
