package io.rafttsdb.storage.head;

import io.rafttsdb.storage.chunk.Encoding;
import io.rafttsdb.storage.chunk.XorReader;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A chunk of a series, linked to the one before it. Its bytes are in memory or, later, in a file.
 *
 * <pre>
 *   state      bytes                  may become
 *   open       array that grows       closed, when the series begins another chunk
 *   closed     exactly the chunk      on disk ({@link ChunkStore#spill})
 *   on disk    null; a place instead  (stays so)
 * </pre>
 *
 * Which of the last two it is, is this node's own matter: times, count, length and checksum are the
 * same in both.
 *
 * <p>Owned by the apply thread, a closed one's bytes by the thread that spills. A reader that got
 * the series' newest chunk by an acquiring read may use all final fields, {@link #closedMaxMs} of
 * all chunks but the newest, {@link #previous()}, and {@link #bytes}: the array holds every sample
 * that was published before, whether it has been grown since or not; where there is none, the place
 * can be read by whoever has a {@link ChunkLease} since before he got the chunk.
 */
final class HeadChunk {

  /** Accounted memory of a chunk beside its bytes: this object and the array's header. */
  static final int CHUNK_BYTES = 64;

  /** Longest chunk that is brought to disk: XOR chunks have a 64th of that. */
  static final int DISK_BYTES_MAX = Character.MAX_VALUE;

  private static final int ENCODING_SHIFT = 30;
  private static final long ENCODING_MASK = 3L << ENCODING_SHIFT;

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

  /** Samples of the series before this chunk, counted from any start. */
  final long samplesBefore;

  /** Timestamp of the first sample. */
  final long minMs;

  @SuppressWarnings("UnusedVariable") // read through PREVIOUS
  private @Nullable HeadChunk previous;

  @SuppressWarnings("UnusedVariable") // read through BYTES
  private byte @Nullable [] bytes;

  /** Of a closed chunk, last minus first timestamp, unsigned; it crosses no block range. */
  private int spanMs;

  /** Encoding in the bits that no place has; the place is set before the bytes are let go. */
  private long encodingAndPlace;

  // Of a chunk on disk, set before the bytes are let go.
  private int diskChecksum;
  private char diskLengthBytes;
  private char diskSampleCount;

  HeadChunk(
      Encoding encoding,
      @Nullable HeadChunk previous,
      long samplesBefore,
      long minMs,
      byte @Nullable [] bytes) {
    this.encodingAndPlace = (long) encoding.code() << ENCODING_SHIFT;
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
    span(maxMs);
    moveTo(exact);
  }

  private void span(long maxMs) {
    spanMs = (int) (maxMs - minMs);
    if (closedMaxMs() != maxMs) {
      throw new IllegalArgumentException(
          "chunk from " + minMs + " to " + maxMs + ", expected a block range at most");
    }
  }

  /**
   * Lets the bytes of this closed chunk go, which are in a file now, forced. For the thread that
   * spills, once.
   */
  void spilled(DiskChunk disk) {
    encodingAndPlace = (encodingAndPlace & ENCODING_MASK) | disk.place;
    diskLengthBytes = (char) disk.lengthBytes;
    diskChecksum = disk.checksum;
    diskSampleCount = (char) disk.sampleCount;
    BYTES.setRelease(this, null);
  }

  /** A closed chunk that is on disk, from an image. */
  static HeadChunk onDisk(
      Encoding encoding,
      @Nullable HeadChunk previous,
      long samplesBefore,
      long minMs,
      long maxMs,
      DiskChunk disk) {
    HeadChunk chunk = new HeadChunk(encoding, previous, samplesBefore, minMs, null);
    chunk.span(maxMs);
    chunk.spilled(disk);
    return chunk;
  }

  /** Where the bytes of a chunk are on disk, and what they are. */
  record DiskChunk(long place, int sampleCount, int lengthBytes, int checksum) {
    static DiskChunk of(long place, byte[] bytes) {
      return new DiskChunk(
          place, XorReader.countOf(bytes), bytes.length, HeadChunk.checksum(bytes));
    }
  }

  Encoding encoding() {
    return Encoding.of((int) (encodingAndPlace >>> ENCODING_SHIFT) & 3);
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

  /**
   * This closed chunk with another one before it, and its samples counted from another start; while
   * an image is read.
   */
  HeadChunk recounted(@Nullable HeadChunk chunkBefore, long add) {
    HeadChunk chunk = new HeadChunk(encoding(), chunkBefore, samplesBefore + add, minMs, bytes());
    chunk.spanMs = spanMs;
    chunk.encodingAndPlace = encodingAndPlace;
    chunk.diskLengthBytes = diskLengthBytes;
    chunk.diskChecksum = diskChecksum;
    chunk.diskSampleCount = diskSampleCount;
    return chunk;
  }

  /** The array in memory; null where the chunk is on disk. */
  byte @Nullable [] bytes() {
    return (byte[]) BYTES.getAcquire(this);
  }

  /** Where it is on disk; of meaning only after {@link #bytes} gave null. */
  long place() {
    return encodingAndPlace & ~ENCODING_MASK;
  }

  /** Samples of a closed chunk, wherever it is. */
  int sampleCount() {
    byte[] memory = bytes();
    return memory == null ? diskSampleCount : XorReader.countOf(memory);
  }

  /** Length of a closed chunk, wherever it is. */
  int lengthBytes() {
    byte[] memory = bytes();
    return memory == null ? diskLengthBytes : memory.length;
  }

  /** CRC-32C of a closed chunk's bytes, wherever they are. */
  int checksum() {
    byte[] memory = bytes();
    return memory == null ? diskChecksum : checksum(memory);
  }

  static int checksum(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  /** Whether the bytes are a whole chunk: those that grow have no count of samples. */
  boolean isClosed() {
    byte[] memory = bytes();
    return memory == null || XorReader.countOf(memory) > 0;
  }

  /** Timestamp of the last sample of a closed chunk. */
  long closedMaxMs() {
    return minMs + Integer.toUnsignedLong(spanMs);
  }
}
