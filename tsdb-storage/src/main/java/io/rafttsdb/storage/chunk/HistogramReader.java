package io.rafttsdb.storage.chunk;

import io.rafttsdb.storage.model.BucketLayout;
import io.rafttsdb.storage.model.CounterResetHint;
import io.rafttsdb.storage.model.FloatHistogram;
import io.rafttsdb.storage.model.IntegerHistogram;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.NotAFloat;
import io.rafttsdb.storage.model.SampleKind;
import io.rafttsdb.storage.model.SequentialCursor;
import org.jspecify.annotations.Nullable;

/**
 * Walks the samples of a histogram chunk that {@link HistogramWriter} or Prometheus wrote. The
 * array may be longer than the chunk, and may still be written to behind the samples that this
 * reader was made for.
 *
 * <p>For one thread. Bytes that are no samples give {@link CorruptChunk}, or wrong samples where
 * nothing tells; memory is taken for no more buckets than the chunk has bits.
 */
public final class HistogramReader implements SequentialCursor {

  private final SampleKind kind;
  private final byte[] bytes;
  private final int count;
  private final CounterState state;
  private final BitReader in;
  private BucketLayout layout = BucketLayout.EMPTY;
  private HistogramFields fields;
  private int read;
  private boolean ended;
  private long timestampMs;
  private long deltaMs;
  private @Nullable NativeHistogram current;

  /**
   * @param count samples to read; the chunk's own count in its header is not looked at
   */
  public HistogramReader(SampleKind kind, byte[] bytes, int count) {
    if (bytes.length < HistogramWriter.HEADER_BYTES) {
      throw new CorruptChunk("expected a histogram chunk, found " + bytes.length + " bytes");
    }
    this.kind = kind;
    this.bytes = bytes;
    this.count = count;
    this.state = CounterState.of(bytes[HistogramWriter.FLAGS]);
    this.in = new BitReader(bytes, HistogramWriter.HEADER_BYTES);
    this.fields = HistogramFields.of(kind, layout);
  }

  @Override
  public boolean next() {
    if (read == count) {
      ended = true;
      return false;
    }
    current = null;
    try {
      if (read == 0) {
        layout = LayoutCodec.read(in);
        fields = HistogramFields.of(kind, layout);
        timestampMs = in.takeVarbitInt();
        fields.readFirst(in);
      } else {
        deltaMs += in.takeVarbitInt();
        timestampMs += deltaMs;
        fields.readNext(in);
      }
    } catch (CorruptChunk e) {
      throw new CorruptChunk("sample " + (read + 1) + " of " + count + ": " + e.getMessage());
    }
    read++;
    return true;
  }

  @Override
  public boolean isOnSample() {
    return read > 0 && !ended;
  }

  @Override
  public long timestampMs() {
    return timestampMs;
  }

  @Override
  public long valueBits() {
    throw new NotAFloat(kind);
  }

  @Override
  public SampleKind kind() {
    return kind;
  }

  @Override
  public NativeHistogram histogram() {
    NativeHistogram histogram = current;
    if (histogram == null) {
      histogram = make();
      current = histogram;
    }
    return histogram;
  }

  private NativeHistogram make() {
    if (!fields.isStale()) {
      return fields.histogram(state.hint(read == 1));
    }
    CounterResetHint hint = state.hint(true);
    return kind == SampleKind.HISTOGRAM ? IntegerHistogram.stale(hint) : FloatHistogram.stale(hint);
  }

  /** What the chunk says of all its samples. */
  public CounterState state() {
    return state;
  }

  /** Samples read so far. */
  public int read() {
    return read;
  }

  /** Bits read so far, header included. */
  public int bitLength() {
    return in.bitLength();
  }

  /** The layout of all samples; of an empty chunk's until the first is read. */
  BucketLayout layout() {
    return layout;
  }

  HistogramFields fields() {
    return fields;
  }

  /** Between the newest two samples. */
  long deltaMs() {
    return deltaMs;
  }

  /**
   * A writer that goes on with the chunk of which this reader has read all samples; the reader is
   * of no use then.
   *
   * @throws CorruptChunk where the array holds more than these samples
   */
  public HistogramWriter toWriter() {
    int size = XorWriter.sizeBytes(bitLength());
    int unused = size * Byte.SIZE - bitLength();
    if (read == 0 || read < count || size != bytes.length) {
      throw new CorruptChunk(
          "expected the end of "
              + (read + " samples of " + count + " in byte " + size + ", found " + bytes.length));
    }
    if ((bytes[size - 1] & (1 << unused) - 1) != 0) {
      throw new CorruptChunk("expected no bits behind the last sample, found some that are set");
    }
    if (state.flags() != bytes[HistogramWriter.FLAGS]) {
      throw new CorruptChunk("expected flags of two bits, found " + bytes[HistogramWriter.FLAGS]);
    }
    return new HistogramWriter(this, bytes);
  }
}
