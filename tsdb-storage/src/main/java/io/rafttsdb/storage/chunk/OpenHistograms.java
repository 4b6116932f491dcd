package io.rafttsdb.storage.chunk;

import io.rafttsdb.storage.model.NativeHistogram;
import org.jspecify.annotations.Nullable;

/**
 * The open chunk of native histograms of a series in the Head, and when it ends: Prometheus's rules
 * (tsdb/head_append.go), which go by bytes where those of floats go by samples. A chunk ends
 *
 * <ul>
 *   <li>before a histogram that can't be in it ({@link Continuation});
 *   <li>with {@link #SAMPLES_MIN} samples at least, at a time that is planned once it is a quarter
 *       full, or at twice the size that it should have;
 *   <li>with its aligned range of time, however few samples it has.
 * </ul>
 *
 * <p>A function of the series' samples alone. For one thread.
 */
public final class OpenHistograms {

  /** Size that a chunk should have. */
  public static final int SIZE_BYTES_TARGET = 1024;

  /** A chunk with fewer samples does not end for its size. */
  public static final int SAMPLES_MIN = 10;

  private final long rangeMs;
  private HistogramWriter writer;
  private long minMs;

  /** End of the open chunk, exclusive. */
  private long endMs;

  /**
   * Whether the end was planned. As in Prometheus, a chunk that begins because the one before could
   * not go on takes this over, and is not planned again if the one before was.
   */
  private boolean planned;

  /** The first chunk of a series, or the first after floats. */
  public OpenHistograms(long timestampMs, NativeHistogram first, long rangeMs) {
    this.rangeMs = rangeMs;
    writer = new HistogramWriter(stateOf(first, CounterState.UNKNOWN), timestampMs, first);
    minMs = timestampMs;
    endMs = ChunkCut.rangeEndMs(timestampMs, rangeMs);
  }

  /** An open chunk as it was, with {@link #endMs} and {@link #isPlanned} of then. */
  public OpenHistograms(
      HistogramWriter writer, long minMs, long endMs, boolean planned, long rangeMs) {
    this.writer = writer;
    this.minMs = minMs;
    this.endMs = endMs;
    this.planned = planned;
    this.rangeMs = rangeMs;
  }

  /**
   * Adds a histogram of the same kind, newer than all others.
   *
   * @return the chunk that ended before it, exactly, or null where it is in the same chunk
   */
  public byte @Nullable [] append(long timestampMs, NativeHistogram histogram) {
    plan();
    Continuation continuation = writer.continuation(histogram);
    boolean due = isDue(timestampMs);
    if (!due && continuation.fits()) {
      writer.append(timestampMs, histogram, continuation);
      return null;
    }
    byte[] ended = writer.toBytes();
    CounterState known = due ? continuation.ifCut() : continuation.ifRefused();
    writer = new HistogramWriter(stateOf(histogram, known), timestampMs, histogram);
    minMs = timestampMs;
    endMs = ChunkCut.rangeEndMs(timestampMs, rangeMs);
    planned &= !due;
    return ended;
  }

  private void plan() {
    int sizeBytes = writer.sizeBytes();
    if (!planned && sizeBytes >= SIZE_BYTES_TARGET / 4) {
      double ratioToFull = (double) SIZE_BYTES_TARGET / sizeBytes;
      endMs = ChunkCut.predictedEndMs(minMs, writer.timestampMs(), endMs, ratioToFull);
      planned = true;
    }
  }

  private boolean isDue(long timestampMs) {
    boolean full = timestampMs >= endMs || writer.sizeBytes() >= 2 * SIZE_BYTES_TARGET;
    return full
        && (writer.count() >= SAMPLES_MIN || timestampMs >= ChunkCut.rangeEndMs(minMs, rangeMs));
  }

  /** What a chunk says that begins with a histogram, of which so much is known. */
  private static CounterState stateOf(NativeHistogram first, CounterState known) {
    return switch (first.hint()) {
      case GAUGE -> CounterState.GAUGE;
      case RESET -> CounterState.RESET;
      case UNKNOWN, NOT_RESET -> known;
    };
  }

  /** The writer of the open chunk; another one after a chunk has ended. */
  public HistogramWriter writer() {
    return writer;
  }

  /** Timestamp of the open chunk's first sample. */
  public long minMs() {
    return minMs;
  }

  /** End of the open chunk as far as it is known, exclusive. */
  public long endMs() {
    return endMs;
  }

  /** Whether {@link #endMs} is planned already. */
  public boolean isPlanned() {
    return planned;
  }
}
