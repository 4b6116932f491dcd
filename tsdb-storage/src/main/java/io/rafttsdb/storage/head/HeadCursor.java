package io.rafttsdb.storage.head;

import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SampleKind;

/** Walks the samples of a captured series in a time range, chunk after chunk. */
final class HeadCursor implements SampleCursor {

  private enum State {
    BEFORE,
    ON_SAMPLE,
    AT_END
  }

  private final long maxMs;

  /** Samples before this one are passed over. */
  private long fromMs;

  private ChunkPart part;
  private SampleCursor samples;
  private State state = State.BEFORE;

  HeadCursor(ChunkPart first, long minMs, long maxMs) {
    this.part = first;
    this.samples = first.read();
    this.fromMs = minMs;
    this.maxMs = maxMs;
  }

  @Override
  public boolean next() {
    return state != State.AT_END && advance();
  }

  @Override
  public boolean seek(long timestampMs) {
    if (state == State.ON_SAMPLE && samples.timestampMs() >= timestampMs) {
      return true;
    }
    fromMs = Math.max(fromMs, timestampMs);
    return state != State.AT_END && advance();
  }

  private boolean advance() {
    while (true) {
      if (part.maxMs() >= fromMs) {
        while (samples.next()) {
          long timestampMs = samples.timestampMs();
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
      samples = next.read();
    }
  }

  @Override
  public long timestampMs() {
    return samples.timestampMs();
  }

  @Override
  public long valueBits() {
    return samples.valueBits();
  }

  @Override
  public SampleKind kind() {
    return samples.kind();
  }

  @Override
  public NativeHistogram histogram() {
    return samples.histogram();
  }
}
