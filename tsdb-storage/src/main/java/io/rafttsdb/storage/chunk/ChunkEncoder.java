package io.rafttsdb.storage.chunk;

import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SampleKind;
import org.jspecify.annotations.Nullable;

/**
 * Makes chunks of a stream of samples, as Prometheus re-encodes what overlapped or was deleted in
 * part: a chunk ends at {@link ChunkCut#SAMPLES_TARGET} samples or where the kind of samples
 * changes, or before a histogram that can't be in one with those before, or at a border of ranges
 * where such are given; size does not matter.
 *
 * <p>For one thread.
 */
public final class ChunkEncoder {

  /** In place of a length: chunks may reach as far as they like. */
  private static final long NO_RANGES = 0;

  private final SampleCursor samples;
  private final long rangeMs;
  private final XorWriter floats = new XorWriter();

  /** Whether the cursor stands on a sample that no chunk has yet. */
  private boolean ahead;

  private boolean begun;

  /** What the chunk before found out of the present histogram, which did not fit. */
  private @Nullable CounterState refused;

  /**
   * @param samples before the first one; in order of time, each time once
   */
  public ChunkEncoder(SampleCursor samples) {
    this(samples, NO_RANGES);
  }

  /**
   * As above, with chunks none of which crosses a border of aligned ranges.
   *
   * @param rangeMs length of the ranges, positive
   */
  public ChunkEncoder(SampleCursor samples, long rangeMs) {
    this.samples = samples;
    this.rangeMs = rangeMs;
  }

  /** The next chunk, or null after the last. */
  public @Nullable Chunk next() {
    if (!begun) {
      begun = true;
      ahead = samples.next();
    }
    if (!ahead) {
      return null;
    }
    return samples.kind() == SampleKind.FLOAT ? floats() : histograms();
  }

  private Chunk floats() {
    floats.begin();
    long minMs = samples.timestampMs();
    long maxMs;
    do {
      maxMs = samples.timestampMs();
      floats.append(maxMs, samples.valueBits());
      advance(maxMs);
    } while (mayGoOn(SampleKind.FLOAT, floats.count(), minMs));
    refused = null;
    return new Chunk(Encoding.XOR, minMs, maxMs, floats.toBytes());
  }

  /** A chunk of histograms; one that does not fit begins the next, as it does in the Head. */
  private Chunk histograms() {
    long minMs = samples.timestampMs();
    HistogramWriter writer = new HistogramWriter(firstState(), minMs, samples.histogram());
    advance(minMs);
    refused = null;
    while (mayGoOn(writer.kind(), writer.count(), minMs)) {
      NativeHistogram next = samples.histogram();
      Continuation continuation = writer.continuation(next);
      if (!continuation.fits()) {
        refused = continuation.ifRefused();
        break;
      }
      long timestampMs = samples.timestampMs();
      writer.append(timestampMs, next, continuation);
      advance(timestampMs);
    }
    return new Chunk(Encoding.of(writer.kind()), minMs, writer.timestampMs(), writer.toBytes());
  }

  /** Whether the next sample may be in the chunk of so many that begins at a time. */
  private boolean mayGoOn(SampleKind kind, int count, long minMs) {
    return ahead
        && count < ChunkCut.SAMPLES_TARGET
        && samples.kind() == kind
        && (rangeMs == NO_RANGES || samples.timestampMs() < ChunkCut.rangeEndMs(minMs, rangeMs));
  }

  /** What the next chunk says: what the one before found out, if its first sample did not fit. */
  private CounterState firstState() {
    CounterState known = refused;
    if (known != null) {
      return known;
    }
    return switch (samples.histogram().hint()) {
      case GAUGE -> CounterState.GAUGE;
      case RESET -> CounterState.RESET;
      case UNKNOWN, NOT_RESET -> CounterState.UNKNOWN;
    };
  }

  private void advance(long previousMs) {
    ahead = samples.next();
    if (ahead && samples.timestampMs() <= previousMs) {
      throw new IllegalStateException(
          "expected a sample after " + previousMs + ", got one at " + samples.timestampMs());
    }
  }
}
