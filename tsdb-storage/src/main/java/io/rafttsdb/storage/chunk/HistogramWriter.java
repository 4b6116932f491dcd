package io.rafttsdb.storage.chunk;

import io.rafttsdb.storage.model.BucketLayout;
import io.rafttsdb.storage.model.CounterResetHint;
import io.rafttsdb.storage.model.FloatHistogram;
import io.rafttsdb.storage.model.IntegerHistogram;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SampleKind;
import java.util.Arrays;

/**
 * Writes the samples of one histogram chunk, in Prometheus's encodings 2 and 3
 * (tsdb/chunkenc/histogram.go and float_histogram.go). All samples of a chunk have its layout. One
 * that lacks buckets of the chunk gets them, empty; one that has more makes the chunk be written
 * again with them.
 *
 * <p>The chunk grows in an array that others may read while it is written, as in {@link XorWriter}:
 * bits once written never change, and a chunk written again gets a new array, in which the same
 * samples come first. The first two bytes, the count of samples, are 0 there; {@link #toBytes} sets
 * them in its copy.
 *
 * <p>For one thread.
 */
public final class HistogramWriter {

  /** Bytes before the layout: the count of samples, big endian, and the flags. */
  public static final int HEADER_BYTES = 3;

  /** A chunk never has more samples. */
  public static final int SAMPLES_MAX = 0xffff;

  /** Offset of the flags. */
  static final int FLAGS = 2;

  private final SampleKind kind;
  private final CounterState state;
  private BitWriter out;
  private BucketLayout layout;
  private HistogramFields fields;
  private int count;
  private long timestampMs;
  private long deltaMs;

  /**
   * A writer of a chunk with its first histogram.
   *
   * @param state what the chunk shall say: {@link CounterState#GAUGE} for gauges alone, {@link
   *     CounterState#RESET} where the histogram's hint says so, else what {@link #continuation} of
   *     the chunk before gave
   */
  public HistogramWriter(CounterState state, long firstMs, NativeHistogram histogram) {
    if ((state == CounterState.GAUGE) != (histogram.hint() == CounterResetHint.GAUGE)) {
      throw new IllegalArgumentException(
          "a chunk that says " + state + " for a histogram that says " + histogram.hint());
    }
    NativeHistogram first = histogram.stripped();
    this.kind = first.kind();
    this.state = state;
    this.layout = first.layout();
    this.fields = HistogramFields.of(kind, layout);
    this.out = new BitWriter(HEADER_BYTES);
    out.array()[FLAGS] = state.flags();
    LayoutCodec.write(out, layout);
    out.putVarbitInt(firstMs);
    fields.writeFirst(out, first);
    out.settle();
    timestampMs = firstMs;
    count = 1;
  }

  /** A writer that goes on with a chunk after its samples. */
  HistogramWriter(HistogramReader read, byte[] chunk) {
    kind = read.kind();
    state = read.state();
    out = new BitWriter(chunk, read.bitLength());
    out.array()[0] = 0;
    out.array()[1] = 0;
    layout = read.layout();
    fields = read.fields();
    count = read.read();
    timestampMs = read.timestampMs();
    deltaMs = read.deltaMs();
  }

  /** How a histogram can follow those of the chunk. */
  public Continuation continuation(NativeHistogram next) {
    if (next.kind() != kind) {
      throw new IllegalArgumentException("expected a " + kind + ", got a " + next.kind());
    }
    Continuation continuation = Continuation.of(newest(), layout, state, next);
    return continuation.fits() && count == SAMPLES_MAX
        ? new Continuation(false, layout, continuation.ifCut(), continuation.ifCut())
        : continuation;
  }

  /**
   * Adds a histogram that fits. Order is the caller's matter.
   *
   * @param continuation what {@link #continuation} gave for it, with nothing added since
   */
  public void append(long nextMs, NativeHistogram next, Continuation continuation) {
    if (!continuation.fits()) {
      throw new IllegalArgumentException("a histogram that does not fit: " + next);
    }
    if (!continuation.layout().equals(layout)) {
      rewrite(continuation.layout());
    }
    NativeHistogram fitting = next.stripped();
    if (!fitting.isStale() && !fitting.layout().equals(layout)) {
      fitting = fitting.in(layout);
    }
    long nextDeltaMs = nextMs - timestampMs;
    out.putVarbitInt(nextDeltaMs - deltaMs);
    fields.writeNext(out, fitting);
    out.settle();
    timestampMs = nextMs;
    deltaMs = nextDeltaMs;
    count++;
  }

  /** Writes the chunk's samples again, with more buckets. */
  private void rewrite(BucketLayout wider) {
    HistogramReader samples = new HistogramReader(kind, out.array(), count);
    samples.next();
    HistogramWriter wide =
        new HistogramWriter(state, samples.timestampMs(), samples.histogram().in(wider));
    while (samples.next()) {
      wide.append(
          samples.timestampMs(),
          samples.histogram(),
          new Continuation(true, wide.layout, state, state));
    }
    out = wide.out;
    layout = wide.layout;
    fields = wide.fields;
  }

  public SampleKind kind() {
    return kind;
  }

  /** Number of samples in the chunk. */
  public int count() {
    return count;
  }

  /** Bits used in {@link #array}, header included. */
  public int bitLength() {
    return out.bitLength();
  }

  /** Bytes used in {@link #array}, header included. */
  public int sizeBytes() {
    return XorWriter.sizeBytes(out.bitLength());
  }

  /** The array that the chunk grows in, not a copy; another one after it has grown. */
  public byte[] array() {
    return out.array();
  }

  /** Memory of the writer's state beside the array: a function of the chunk. */
  public int stateBytes() {
    return fields.stateBytes();
  }

  /** Timestamp of the newest sample. */
  public long timestampMs() {
    return timestampMs;
  }

  /** The newest histogram, in the chunk's layout. */
  public NativeHistogram newest() {
    if (!fields.isStale()) {
      return fields.histogram(state.hint(count == 1));
    }
    CounterResetHint hint = state.hint(true);
    return kind == SampleKind.HISTOGRAM ? IntegerHistogram.stale(hint) : FloatHistogram.stale(hint);
  }

  /** The chunk as Prometheus stores it, a copy of exactly its size. */
  public byte[] toBytes() {
    byte[] exact = Arrays.copyOf(out.array(), sizeBytes());
    XorWriter.endAt(exact, out.bitLength(), count);
    return exact;
  }
}
