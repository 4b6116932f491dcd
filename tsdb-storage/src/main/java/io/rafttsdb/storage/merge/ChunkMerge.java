package io.rafttsdb.storage.merge;

import io.rafttsdb.storage.block.ChunkPointer;
import io.rafttsdb.storage.block.ChunkSeries;
import io.rafttsdb.storage.block.Intervals;
import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.chunk.ChunkEncoder;
import io.rafttsdb.storage.chunk.CorruptChunk;
import io.rafttsdb.storage.model.Labels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Makes the chunks of one series of those that several parts have of it. */
final class ChunkMerge {

  private final Labels labels;
  private final List<ChunkSeries> parts;
  private final long minMs;
  private final long maxMs;
  private final List<ChunkPointer> merged = new ArrayList<>();

  private ChunkMerge(List<ChunkSeries> parts, long minMs, long maxMs) {
    this.labels = parts.getFirst().labels();
    this.parts = parts;
    this.minMs = minMs;
    this.maxMs = maxMs;
  }

  /** A chunk of a part. */
  private record Placed(ChunkPointer chunk, int part) {
    long minMs() {
      return chunk.minMs();
    }
  }

  /** A chunk that is in memory already. */
  private record Encoded(Chunk chunk) implements ChunkPointer {
    @Override
    public long minMs() {
      return chunk.minMs();
    }

    @Override
    public long maxMs() {
      return chunk.maxMs();
    }

    @Override
    public Chunk load() {
      return chunk;
    }
  }

  /**
   * The series with the samples of [minMs, maxMs]; without chunks where there are none. Nothing of
   * it is deleted.
   */
  static ChunkSeries merge(List<ChunkSeries> parts, long minMs, long maxMs) {
    ChunkMerge merge = new ChunkMerge(parts, minMs, maxMs);
    List<Placed> run = new ArrayList<>();
    long runMaxMs = Long.MIN_VALUE;
    for (Placed placed : merge.placed()) {
      if (!run.isEmpty() && placed.minMs() > runMaxMs) {
        merge.add(run);
        run.clear();
      }
      run.add(placed);
      runMaxMs = run.size() == 1 ? placed.chunk.maxMs() : Math.max(runMaxMs, placed.chunk.maxMs());
    }
    if (!run.isEmpty()) {
      merge.add(run);
    }
    return new ChunkSeries(merge.labels, merge.merged, Intervals.NONE);
  }

  /** The chunks of all parts that may have samples to be seen, by start. */
  private List<Placed> placed() {
    List<Placed> all = new ArrayList<>();
    for (int part = 0; part < parts.size(); part++) {
      Intervals deleted = parts.get(part).deleted();
      for (ChunkPointer chunk : parts.get(part).chunks()) {
        boolean isOutside = chunk.maxMs() < minMs || chunk.minMs() > maxMs;
        if (!isOutside && !deleted.covers(chunk.minMs(), chunk.maxMs())) {
          all.add(new Placed(chunk, part));
        }
      }
    }
    if (parts.size() > 1) {
      all.sort(Comparator.comparingLong(Placed::minMs).thenComparingInt(Placed::part));
    }
    return all;
  }

  /** Adds chunks which nothing else overlaps, together. */
  private void add(List<Placed> run) {
    if (run.size() == 1 && isWhole(run.getFirst())) {
      merged.add(run.getFirst().chunk);
      return;
    }
    ChunkEncoder encoder = new ChunkEncoder(SeriesMerge.cursor(partsOf(run), minMs, maxMs));
    try {
      for (Chunk chunk = encoder.next(); chunk != null; chunk = encoder.next()) {
        merged.add(new Encoded(chunk));
      }
    } catch (CorruptChunk e) {
      throw new UncheckedIOException(
          new IOException("a chunk of " + labels + ": " + e.getMessage(), e));
    }
  }

  private boolean isWhole(Placed placed) {
    ChunkPointer chunk = placed.chunk;
    return chunk.minMs() >= minMs
        && chunk.maxMs() <= maxMs
        && !parts.get(placed.part).deleted().overlaps(chunk.minMs(), chunk.maxMs());
  }

  private List<ChunkSeries> partsOf(List<Placed> run) {
    List<ChunkSeries> inRun = new ArrayList<>(parts.size());
    for (int i = 0; i < parts.size(); i++) {
      int part = i;
      List<ChunkPointer> chunks =
          run.stream().filter(placed -> placed.part == part).map(Placed::chunk).toList();
      inRun.add(new ChunkSeries(labels, chunks, parts.get(part).deleted()));
    }
    return inRun;
  }
}
