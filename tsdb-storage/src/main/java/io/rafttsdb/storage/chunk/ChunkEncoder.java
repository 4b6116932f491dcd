package io.rafttsdb.storage.chunk;

import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SampleKind;
import org.jspecify.annotations.Nullable;

/**
 * Makes chunks of a stream of samples, as Prometheus re-encodes what overlapped or was deleted in
 * part: a chunk ends at {@link ChunkCut#SAMPLES_TARGET} samples or where the kind of samples
 * changes; time and size do not matter.
 *
 * <p>For one thread.
 */
public final class ChunkEncoder {

  private final SampleCursor samples;
  private final XorWriter floats = new XorWriter();

  /** Whether the cursor stands on a sample that no chunk has yet. */
  private boolean ahead;

  private boolean begun;

  /**
   * @param samples before the first one; in order of time, each time once
   */
  public ChunkEncoder(SampleCursor samples) {
    this.samples = samples;
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
    return switch (samples.kind()) {
      case FLOAT -> floats();
      case HISTOGRAM, FLOAT_HISTOGRAM ->
          throw new CorruptChunk("expected floats, found a " + samples.kind());
    };
  }

  private Chunk floats() {
    floats.begin();
    long minMs = samples.timestampMs();
    long maxMs;
    do {
      maxMs = samples.timestampMs();
      floats.append(maxMs, samples.valueBits());
      advance(maxMs);
    } while (ahead
        && floats.count() < ChunkCut.SAMPLES_TARGET
        && samples.kind() == SampleKind.FLOAT);
    return new Chunk(Encoding.XOR, minMs, maxMs, floats.toBytes());
  }

  private void advance(long previousMs) {
    ahead = samples.next();
    if (ahead && samples.timestampMs() <= previousMs) {
      throw new IllegalStateException(
          "expected a sample after " + previousMs + ", got one at " + samples.timestampMs());
    }
  }
}
