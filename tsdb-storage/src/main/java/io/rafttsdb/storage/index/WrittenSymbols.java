package io.rafttsdb.storage.index;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rafttsdb.storage.file.DiskOutput;
import io.rafttsdb.storage.file.FileScanner;
import io.rafttsdb.storage.file.ReadableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Iterator;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The symbols of an index that is being written: their places in the file are kept in memory, four
 * bytes each, the strings themselves are looked up in the file. For one thread.
 */
final class WrittenSymbols {

  private static final int CACHE_SLOTS = 1 << 12;

  private static final int UVARINT_BYTES_MAX = 5;

  /** Places relative to the symbols' section, as unsigned numbers. */
  private int[] places = new int[1 << 8];

  private int count;
  private final byte[][] cachedStrings = new byte[CACHE_SLOTS][];
  private final int[] cachedOrdinals = new int[CACHE_SLOTS];
  private byte[] scratch = new byte[1 << 8];
  private @Nullable ReadableFile file;

  /**
   * Writes the section, which starts with a length, a count and the empty string.
   *
   * @param sorted the symbols, bytewise; the empty one may be lacking
   */
  void write(DiskOutput out, Iterator<String> sorted) throws IOException {
    long start = out.position();
    out.putInt(0);
    out.putInt(0);
    byte[] previous = {};
    add(out, previous);
    for (boolean isFirst = true; sorted.hasNext(); isFirst = false) {
      String symbol = sorted.next();
      byte[] bytes = symbol.getBytes(UTF_8);
      if (isFirst && bytes.length == 0) {
        continue;
      }
      if (Arrays.compareUnsigned(previous, bytes) >= 0) {
        throw new IllegalArgumentException(
            "symbol \""
                + symbol
                + "\" after \""
                + new String(previous, UTF_8)
                + "\": expected ascending order");
      }
      add(out, bytes);
      previous = bytes;
    }
    long end = out.position();
    out.putInt(0);
    out.flush();
    out.overwrite(start, bigEndian(IndexWriter.sectionLength(end - start - Integer.BYTES)));
    out.overwrite(start + Integer.BYTES, bigEndian(count));
  }

  private void add(DiskOutput out, byte[] symbol) throws IOException {
    if (count == places.length) {
      places = Arrays.copyOf(places, Math.addExact(count, count >> 1));
    }
    places[count++] = IndexWriter.sectionLength(out.position() - IndexFormat.HEADER_BYTES);
    out.putUvarint(symbol.length);
    out.putBytes(symbol);
  }

  /** Writes the checksum of the section; symbols can be looked up from now on. */
  void checksum(DiskOutput out, ReadableFile written) throws IOException {
    long start = IndexFormat.HEADER_BYTES + Integer.BYTES;
    long end = written.sizeBytes() - Integer.BYTES;
    FileScanner scanner = new FileScanner(written, start, end);
    CRC32C crc = new CRC32C();
    byte[] part = new byte[FileScanner.WINDOW_BYTES];
    while (scanner.remaining() > 0) {
      int length = (int) Math.min(part.length, scanner.remaining());
      scanner.bytes(part, 0, length);
      crc.update(part, 0, length);
    }
    out.overwrite(end, bigEndian((int) crc.getValue()));
    file = written;
  }

  static byte[] bigEndian(int number) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
  }

  /** The number of a symbol, or -1 where there is no such symbol. */
  int ordinal(byte[] bytes, int start, int end) throws IOException {
    int hash = 0;
    for (int i = start; i < end; i++) {
      hash = hash * 31 + bytes[i];
    }
    int slot = (hash ^ hash >>> 12) & CACHE_SLOTS - 1;
    byte[] cached = cachedStrings[slot];
    if (cached != null && Arrays.equals(cached, 0, cached.length, bytes, start, end)) {
      return cachedOrdinals[slot];
    }
    int ordinal = search(bytes, start, end);
    if (ordinal >= 0) {
      cachedStrings[slot] = Arrays.copyOfRange(bytes, start, end);
      cachedOrdinals[slot] = ordinal;
    }
    return ordinal;
  }

  private int search(byte[] bytes, int start, int end) throws IOException {
    int low = 0;
    int high = count - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int length = load(middle);
      int order = Arrays.compareUnsigned(scratch, 0, length, bytes, start, end);
      if (order == 0) {
        return middle;
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -1;
  }

  /** Bytes of a symbol. */
  byte[] symbol(int ordinal) throws IOException {
    return Arrays.copyOf(scratch, load(ordinal));
  }

  /** Copies a symbol to the start of the scratch array, and returns its length. */
  private int load(int ordinal) throws IOException {
    ReadableFile written = file;
    if (written == null) {
      throw new IllegalStateException("symbols are looked up before they are complete");
    }
    long place = IndexFormat.HEADER_BYTES + Integer.toUnsignedLong(places[ordinal]);
    long nextPlace =
        ordinal + 1 < count
            ? IndexFormat.HEADER_BYTES + Integer.toUnsignedLong(places[ordinal + 1])
            : written.sizeBytes() - Integer.BYTES;
    int size = (int) (nextPlace - place);
    if (size + UVARINT_BYTES_MAX > scratch.length) {
      scratch = new byte[size * 2];
    }
    written.read(place, scratch, 0, size);
    int prefix = 1;
    while (scratch[prefix - 1] < 0) {
      prefix++;
    }
    System.arraycopy(scratch, prefix, scratch, 0, size - prefix);
    return size - prefix;
  }
}
