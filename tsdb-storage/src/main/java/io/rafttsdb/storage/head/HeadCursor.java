package io.rafttsdb.storage.head;

import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SampleKind;
import org.jspecify.annotations.Nullable;

/**
 * Walks the samples of a captured series in a time range, chunk after chunk. A chunk is read when a
 * sample of it is asked for, and at most one is held; those that end before what is sought are
 * passed over.
 *
 * <p>What can't be read comes out as {@link io.rafttsdb.storage.model.UnreadableChunks}.
 */
final class HeadCursor implements SampleCursor {

  private enum State {
    BEFORE,
    ON_SAMPLE,
    AT_END
  }

  private final ChunkLease lease;
  private final long maxMs;

  /** Samples before this one are passed over. */
  private long fromMs;

  private ChunkPart part;

  /** Of the present part, as soon as it is of interest. */
  private @Nullable SampleCursor samples;

  private State state = State.BEFORE;

  HeadCursor(ChunkPart first, ChunkLease lease, long minMs, long maxMs) {
    this.part = first;
    this.lease = lease;
    this.fromMs = minMs;
    this.maxMs = maxMs;
  }

  @Override
  public boolean next() {
    return state != State.AT_END && advance();
  }

  @Override
  public boolean seek(long timestampMs) {
    if (state == State.ON_SAMPLE && samples().timestampMs() >= timestampMs) {
      return true;
    }
    fromMs = Math.max(fromMs, timestampMs);
    return state != State.AT_END && advance();
  }

  private boolean advance() {
    while (true) {
      if (part.maxMs() >= fromMs) {
        SampleCursor present = samples == null ? part.read(lease) : samples;
        samples = present;
        while (present.next()) {
          long timestampMs = present.timestampMs();
          if (timestampMs >= fromMs) {
            state = timestampMs <= maxMs ? State.ON_SAMPLE : State.AT_END;
            return state == State.ON_SAMPLE;
          }
        }
      }
      ChunkPart next = part.next();
      if (next == null) {
        state = State.AT_END;
        return false;
      }
      part = next;
      samples = null;
    }
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

  @Override
  public NativeHistogram histogram() {
    return samples().histogram();
  }
}
