package io.rafttsdb.storage.block;

import io.rafttsdb.storage.block.BlockMeta.Compaction;
import io.rafttsdb.storage.block.BlockMeta.Stats;
import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.file.DiskFile;
import io.rafttsdb.storage.index.ChunkMeta;
import io.rafttsdb.storage.index.IndexWriter;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleKind;
import io.rafttsdb.storage.model.Ulid;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Writes a block, from the first series to the last, and publishes it whole: it is filled in a
 * directory that opening removes, forced, and renamed.
 *
 * <p>{@link #symbols} once, {@link #series} for each series, {@link #finish}; then {@link #close},
 * which also cleans up where it did not come so far. After a call that failed only close is left.
 * The same calls give the same bytes on every machine. Memory: that of {@link IndexWriter}. For one
 * thread.
 */
public final class BlockWriter implements Closeable {

  /** The version of the bytes written: the same input gives the same bytes within a version. */
  public static final int VERSION = 1;

  /** Largest chunk segment, as in Prometheus. */
  public static final long SEGMENT_BYTES_MAX = 512L << 20;

  private final Disk disk;
  private final Path blocks;
  private final Ulid ulid;
  private final Path directory;
  private final SegmentWriter segments;
  private final IndexWriter index;
  private long floatCount;
  private long histogramCount;
  private long seriesCount;
  private long chunkCount;
  private long minMs = Long.MAX_VALUE;
  private long maxMs = Long.MIN_VALUE;
  private boolean ended;

  /** Set while a call is under way, and for good where it failed. */
  private boolean broken;

  /**
   * Begins a block.
   *
   * @param blocks the directory of blocks, in which there is no block of this name
   */
  public BlockWriter(Disk disk, Path blocks, Ulid ulid) throws IOException {
    this(disk, blocks, ulid, SEGMENT_BYTES_MAX);
  }

  /**
   * Begins a block.
   *
   * @param segmentBytesMax length that a chunk segment never has more than, unless its only chunk
   *     alone has
   */
  public BlockWriter(Disk disk, Path blocks, Ulid ulid, long segmentBytesMax) throws IOException {
    if (segmentBytesMax < 1 || segmentBytesMax > SEGMENT_BYTES_MAX) {
      throw new IllegalArgumentException(
          "segments of " + segmentBytesMax + " bytes, expected 1 to " + SEGMENT_BYTES_MAX);
    }
    if (Files.exists(blocks.resolve(ulid.toString()))) {
      throw new IllegalArgumentException("block " + ulid + " is already in " + blocks);
    }
    this.disk = disk;
    this.blocks = blocks;
    this.ulid = ulid;
    this.directory = BlockFormat.creation(blocks, ulid);
    disk.delete(directory);
    disk.createDirectory(directory);
    try {
      Path chunks = directory.resolve(BlockFormat.CHUNKS);
      disk.createDirectory(chunks);
      this.segments = new SegmentWriter(disk, chunks, segmentBytesMax);
      this.index = new IndexWriter(disk, directory.resolve(BlockFormat.INDEX));
    } catch (Throwable e) {
      disk.delete(directory);
      throw e;
    }
  }

  /**
   * All label names and values that the series will have, perhaps more; first of all, once.
   *
   * @param sorted bytewise, each once, the empty string among them or not
   */
  public void symbols(Iterator<String> sorted) throws IOException {
    begin();
    index.symbols(sorted);
    broken = false;
  }

  /**
   * The next series. One without chunks is left out.
   *
   * @param labels after those of the series before
   * @param chunks in order of time, each with samples, each after the end of the one before
   */
  public void series(Labels labels, List<Chunk> chunks) throws IOException {
    if (chunks.isEmpty()) {
      return;
    }
    begin();
    List<ChunkMeta> metas = new ArrayList<>(chunks.size());
    for (Chunk chunk : chunks) {
      int samples = chunk.sampleCount();
      if (samples == 0) {
        throw new IllegalArgumentException("series " + labels + ": a chunk without samples");
      }
      metas.add(new ChunkMeta(chunk.minMs(), chunk.maxMs(), segments.write(chunk)));
      if (chunk.encoding().kind() == SampleKind.FLOAT) {
        floatCount += samples;
      } else {
        histogramCount += samples;
      }
    }
    index.series(labels, metas);
    seriesCount++;
    chunkCount += chunks.size();
    minMs = Math.min(minMs, metas.getFirst().minMs());
    maxMs = Math.max(maxMs, metas.getLast().maxMs());
    broken = false;
  }

  private void begin() {
    if (ended || broken) {
      throw new IllegalStateException(
          "block " + ulid + (ended ? " was finished or closed" : ": a call before failed"));
    }
    broken = true;
  }

  /**
   * Publishes the block. One without series is not published: its meta comes back deletable.
   *
   * @param startMs start of its time range, at or before the first sample
   * @param endMs end of its time range, after the last sample
   */
  public BlockMeta finish(long startMs, long endMs, Compaction compaction) throws IOException {
    begin();
    Stats stats =
        new Stats(
            floatCount + histogramCount, floatCount, histogramCount, seriesCount, chunkCount, 0);
    if (seriesCount == 0) {
      return new BlockMeta(ulid, startMs, endMs, stats, compaction.asDeletable());
    }
    if (minMs < startMs || maxMs >= endMs) {
      throw new IllegalArgumentException(
          "block "
              + ulid
              + " has samples in ["
              + minMs
              + ", "
              + maxMs
              + "], expected ["
              + startMs
              + ", "
              + endMs
              + ")");
    }
    BlockMeta meta = new BlockMeta(ulid, startMs, endMs, stats, compaction);
    segments.finish();
    index.finish();
    Tombstones.NONE.write(disk, directory.resolve(BlockFormat.TOMBSTONES));
    writeMeta(disk, directory.resolve(BlockFormat.META), meta);
    release();
    disk.forceDirectory(directory.resolve(BlockFormat.CHUNKS));
    disk.forceDirectory(directory);
    disk.rename(directory, blocks.resolve(ulid.toString()));
    disk.forceDirectory(blocks);
    return meta;
  }

  /** Writes a new meta.json and makes its content last. */
  static void writeMeta(Disk disk, Path path, BlockMeta meta) throws IOException {
    byte[] json = BlockMetaJson.write(meta);
    try (DiskFile file = disk.create(path)) {
      file.write(json, 0, json.length);
      file.force();
    }
  }

  private void release() throws IOException {
    ended = true;
    try (segments;
        index) {
      // Both are closed, whatever the other one says.
    }
  }

  /** Lets go of the files; what was not published is deleted. */
  @Override
  public void close() throws IOException {
    try {
      if (!ended) {
        release();
      }
    } finally {
      disk.delete(directory);
    }
  }
}
