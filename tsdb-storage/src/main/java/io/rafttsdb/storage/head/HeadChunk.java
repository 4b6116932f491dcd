package io.rafttsdb.storage.head;

import io.rafttsdb.storage.chunk.Encoding;
import io.rafttsdb.storage.chunk.XorReader;
import io.rafttsdb.storage.model.SampleCursor;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A chunk of a series in memory, linked to the one before it. Open while it is the series' newest;
 * closed, it is immutable and its bytes are exactly the chunk.
 *
 * <p>Owned by the apply thread. A reader that got the series' newest chunk by an acquiring read may
 * use all final fields, {@link #closedMaxMs} of all chunks but the newest, {@link #previous()}, and
 * {@link #bytes}: the array holds every sample that was published before, whether it has been grown
 * since or not.
 */
final class HeadChunk {

  /** Accounted memory of a chunk beside its bytes: this object and the array's header. */
  static final int CHUNK_BYTES = 64;

  private static final VarHandle BYTES;
  private static final VarHandle PREVIOUS;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      BYTES = lookup.findVarHandle(HeadChunk.class, "bytes", byte[].class);
      PREVIOUS = lookup.findVarHandle(HeadChunk.class, "previous", HeadChunk.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  final Encoding encoding;

  /** Samples of the series before this chunk, counted from any start. */
  final long samplesBefore;

  /** Timestamp of the first sample. */
  final long minMs;

  @SuppressWarnings("UnusedVariable") // read through PREVIOUS
  private @Nullable HeadChunk previous;

  @SuppressWarnings("UnusedVariable") // read through BYTES
  private byte[] bytes;

  private long closedMaxMs;

  HeadChunk(
      Encoding encoding,
      @Nullable HeadChunk previous,
      long samplesBefore,
      long minMs,
      byte[] bytes) {
    this.encoding = encoding;
    this.previous = previous;
    this.samplesBefore = samplesBefore;
    this.minMs = minMs;
    this.bytes = bytes;
  }

  /** Exchanges the array for one with the same samples first. For the apply thread. */
  void moveTo(byte[] array) {
    BYTES.setRelease(this, array);
  }

  /** Ends the chunk; the series publishes the next one afterwards. For the apply thread. */
  void close(byte[] exact, long maxMs) {
    closedMaxMs = maxMs;
    moveTo(exact);
  }

  /**
   * The chunk before; null where there is none, or where it was let go ({@link Severed}): then it
   * is no matter of the Head and of no sealed part that is still there.
   */
  @Nullable HeadChunk previous() {
    return (HeadChunk) PREVIOUS.getAcquire(this);
  }

  /** Lets the chunks before this one go, or takes them up. For the apply thread. */
  void previous(@Nullable HeadChunk chunk) {
    PREVIOUS.setRelease(this, chunk);
  }

  /** This closed chunk with another one before it, and its samples counted from another start. */
  HeadChunk recounted(@Nullable HeadChunk chunkBefore, long add) {
    HeadChunk chunk = new HeadChunk(encoding, chunkBefore, samplesBefore + add, minMs, bytes());
    chunk.closedMaxMs = closedMaxMs;
    return chunk;
  }

  byte[] bytes() {
    return (byte[]) BYTES.getAcquire(this);
  }

  /** Whether the bytes are a whole chunk: those that grow have no count of samples. */
  boolean isClosed() {
    return XorReader.countOf(bytes()) > 0;
  }

  /** Timestamp of the last sample of a closed chunk. */
  long closedMaxMs() {
    return closedMaxMs;
  }

  /** The first samples of this chunk. */
  SampleCursor read(int count) {
    return encoding.samples(bytes(), count);
  }
}
