package io.rafttsdb.storage.head;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import io.rafttsdb.storage.chunk.XorWriter;
import io.rafttsdb.storage.model.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Writes a {@link FrozenHead} as an image, or hashes it (docs/format/head-image.md). */
public final class ImageWriter {

  private final FrozenHead frozen;
  private final CanonicalOutput output;

  /** Copy of an open chunk, without what came later. */
  private byte[] scratch = new byte[0];

  private ImageWriter(FrozenHead frozen, CanonicalOutput output) {
    this.frozen = frozen;
    this.output = output;
  }

  /**
   * Writes an image to a file, which is created or replaced, and forces it to disk. The directory
   * is the caller's to force.
   *
   * @return the state hash
   */
  public static byte[] write(FrozenHead frozen, Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, CREATE, TRUNCATE_EXISTING, WRITE)) {
      CanonicalOutput output = new CanonicalOutput(channel);
      byte[] hash = new ImageWriter(frozen, output).write();
      channel.force(true);
      return hash;
    }
  }

  /** The hash alone. */
  public static byte[] hash(FrozenHead frozen) {
    try {
      return new ImageWriter(frozen, new CanonicalOutput(null)).write();
    } catch (IOException e) {
      throw new UncheckedIOException("no file is written", e);
    }
  }

  private byte[] write() throws IOException {
    output.u32(ImageFormat.MAGIC);
    output.u32(ImageFormat.VERSION);
    output.i64(frozen.index());
    output.beginHash();
    writeSettings(frozen.settings());
    output.i64(frozen.nextRef());
    output.i64(frozen.maxMs());
    for (long ref = 1; ref < frozen.nextRef(); ref++) {
      writeSeries(ref);
    }
    output.uvarint(0);
    byte[] hash = output.endHash();
    output.u32(output.crc());
    output.flush();
    return hash;
  }

  private void writeSettings(@Nullable Settings settings) throws IOException {
    output.u8(settings == null ? ImageFormat.SETTINGS_ABSENT : ImageFormat.SETTINGS_PRESENT);
    output.i64(settings == null ? 0 : settings.blockRangeMs());
    output.i64(settings == null ? 0 : settings.outOfOrderWindowMs());
  }

  private void writeSeries(long ref) throws IOException {
    byte[] labels = frozen.series(ref).labels.canonical();
    output.uvarint(1); // refs ahead of the series before
    output.uvarint(labels.length);
    output.bytes(labels, labels.length);
    HeadChunk newest = frozen.newest(ref);
    HeadChunk[] closed = closedBefore(newest);
    output.uvarint(closed.length);
    for (HeadChunk chunk : closed) {
      byte[] bytes = chunk.bytes();
      output.zigzag(chunk.minMs);
      output.uvarint(chunk.closedMaxMs() - chunk.minMs);
      output.uvarint(bytes.length);
      output.bytes(bytes, bytes.length);
    }
    writeOpen(newest, frozen.openCount(ref), frozen.openBitLength(ref));
  }

  private static HeadChunk[] closedBefore(HeadChunk newest) {
    int count = 0;
    for (HeadChunk chunk = newest.previous; chunk != null; chunk = chunk.previous) {
      count++;
    }
    HeadChunk[] closed = new HeadChunk[count];
    for (HeadChunk chunk = newest.previous; chunk != null; chunk = chunk.previous) {
      closed[--count] = chunk;
    }
    return closed;
  }

  private void writeOpen(HeadChunk chunk, int count, int bitLength) throws IOException {
    int size = XorWriter.sizeBytes(bitLength);
    if (scratch.length < size) {
      scratch = new byte[size * 2];
    }
    System.arraycopy(chunk.bytes(), 0, scratch, 0, size);
    XorWriter.endAt(scratch, bitLength, count);
    output.uvarint(size);
    output.bytes(scratch, size);
  }
}
