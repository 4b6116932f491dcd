package io.rafttsdb.storage.merge;

import io.rafttsdb.storage.block.ChunkPointer;
import io.rafttsdb.storage.block.ChunkSeries;
import io.rafttsdb.storage.block.Intervals;
import io.rafttsdb.storage.block.Intervals.Interval;
import io.rafttsdb.storage.model.CounterResetHint;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SampleKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Walks the samples of a series of one part of the storage in a time range, without what is deleted
 * there. A chunk is loaded when a sample of it is asked for, and at most one is held; chunks that
 * end before what is sought, or are wholly deleted, are passed over by their ranges.
 *
 * <p>What can't be read comes out as an {@link UncheckedIOException}, or as it was said.
 */
public final class ChunkCursor implements SampleCursor {

  private enum State {
    BEFORE,
    ON_SAMPLE,
    AT_END
  }

  private final List<? extends ChunkPointer> chunks;
  private final List<Interval> deleted;
  private final long maxMs;
  private final ReadFailure failure;

  /** No sample before this time is of interest any more. */
  private long fromMs;

  /** The chunk after the present one. */
  private int nextChunk;

  /** The first deleted interval that may reach what comes. */
  private int nextDeleted;

  /** Of the present chunk; null before the first, between two, and at the end. */
  private @Nullable SampleCursor samples;

  private State state = State.BEFORE;

  /** Whether samples were passed over that are deleted, to come to the present one. */
  private boolean isAfterDeleted;

  /** The samples of [minMs, maxMs]. */
  public ChunkCursor(ChunkSeries series, long minMs, long maxMs) {
    this(series, minMs, maxMs, UncheckedIOException::new);
  }

  /**
   * The same.
   *
   * @param failure thrown where a chunk can't be read
   */
  public ChunkCursor(ChunkSeries series, long minMs, long maxMs, ReadFailure failure) {
    this(series.chunks(), series.deleted(), minMs, maxMs, failure);
  }

  ChunkCursor(List<? extends ChunkPointer> chunks, Intervals deleted, long minMs, long maxMs) {
    this(chunks, deleted, minMs, maxMs, UncheckedIOException::new);
  }

  private ChunkCursor(
      List<? extends ChunkPointer> chunks,
      Intervals deleted,
      long minMs,
      long maxMs,
      ReadFailure failure) {
    this.failure = failure;
    this.chunks = chunks;
    this.deleted = deleted.ranges();
    this.fromMs = minMs;
    this.maxMs = maxMs;
  }

  @Override
  public boolean next() {
    if (state == State.AT_END) {
      return false;
    }
    return state == State.BEFORE ? advance() : advanceBeyond(timestampMs());
  }

  @Override
  public boolean seek(long timestampMs) {
    if (state == State.AT_END) {
      return false;
    }
    if (state == State.ON_SAMPLE && timestampMs() >= timestampMs) {
      return true;
    }
    fromMs = Math.max(fromMs, timestampMs);
    return advance();
  }

  private boolean advanceBeyond(long timestampMs) {
    if (timestampMs == Long.MAX_VALUE) {
      return end();
    }
    fromMs = timestampMs + 1;
    return advance();
  }

  /** To the first sample from fromMs on that is not deleted. */
  private boolean advance() {
    isAfterDeleted = false;
    while (true) {
      if (samples == null || !samples.seek(fromMs)) {
        samples = loadNextChunk();
        if (samples == null) {
          return end();
        }
        continue;
      }
      long timestampMs = samples.timestampMs();
      if (timestampMs > maxMs) {
        return end();
      }
      Interval gone = deletedFrom(timestampMs);
      if (gone == null || gone.minMs() > timestampMs) {
        state = State.ON_SAMPLE;
        return true;
      }
      if (gone.maxMs() == Long.MAX_VALUE) {
        return end();
      }
      fromMs = gone.maxMs() + 1;
      isAfterDeleted = true;
    }
  }

  private boolean end() {
    samples = null;
    state = State.AT_END;
    return false;
  }

  /** Samples of the next chunk that may have one to be seen, or null. */
  private @Nullable SampleCursor loadNextChunk() {
    while (nextChunk < chunks.size()) {
      ChunkPointer chunk = chunks.get(nextChunk++);
      if (chunk.minMs() > maxMs) {
        return null;
      }
      if (chunk.maxMs() < fromMs) {
        continue;
      }
      Interval gone = deletedFrom(chunk.minMs());
      if (gone != null && gone.minMs() <= chunk.minMs() && chunk.maxMs() <= gone.maxMs()) {
        isAfterDeleted = true;
        continue;
      }
      try {
        return chunk.load().samples();
      } catch (IOException e) {
        throw failure.of(e);
      }
    }
    return null;
  }

  /** The first deleted interval that does not end before a time, or null. */
  private @Nullable Interval deletedFrom(long timestampMs) {
    while (nextDeleted < deleted.size() && deleted.get(nextDeleted).maxMs() < timestampMs) {
      nextDeleted++;
    }
    return nextDeleted < deleted.size() ? deleted.get(nextDeleted) : null;
  }

  private SampleCursor samples() {
    if (samples == null) {
      throw new IllegalStateException("no sample: the cursor is " + state);
    }
    return samples;
  }

  @Override
  public long timestampMs() {
    return samples().timestampMs();
  }

  @Override
  public long valueBits() {
    return samples().valueBits();
  }

  @Override
  public SampleKind kind() {
    return samples().kind();
  }

  /** After deleted samples, what it says of a counter reset would be about one of those. */
  @Override
  public NativeHistogram histogram() {
    NativeHistogram histogram = samples().histogram();
    return isAfterDeleted && histogram.hint() != CounterResetHint.GAUGE
        ? histogram.with(CounterResetHint.UNKNOWN)
        : histogram;
  }
}
