package io.rafttsdb.storage.index;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rafttsdb.storage.file.FileScanner;
import io.rafttsdb.storage.file.ReadableFile;
import io.rafttsdb.storage.file.SummedFile;
import io.rafttsdb.storage.model.CorruptFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * The symbols of an index file: the place of every eighth is in memory, the rest is looked up in
 * the file. On any thread.
 */
final class SymbolTable {

  private static final int STEP = 8;

  private static final int WINDOW_BYTES = 128;

  private final ReadableFile file;
  private final int count;
  private final long start;
  private final long end;

  /** Places relative to the first symbol, as unsigned numbers. */
  private final int[] places;

  private SymbolTable(ReadableFile file, int count, long start, long end, int[] places) {
    this.file = file;
    this.count = count;
    this.start = start;
    this.end = end;
    this.places = places;
  }

  /** Reads the section at a place, which is checked. */
  static SymbolTable read(ReadableFile file, long offset) throws IOException {
    Section section = Section.check(file, offset, "the symbols");
    long start = section.start();
    long end = section.end();
    if (section.count() > (end - start)) {
      throw new CorruptFile(
          file.path(), offset, "symbols in " + (end - start) + " bytes", "" + section.count());
    }
    int count = (int) section.count();
    int[] places = new int[(count + STEP - 1) / STEP];
    SummedFile summed = SummedFile.of(file, start, end);
    FileScanner scanner = new FileScanner(summed, start, end);
    for (int i = 0; i < count; i++) {
      if (i % STEP == 0) {
        places[i / STEP] = (int) (scanner.position() - start);
      }
      scanner.skip(scanner.length("a symbol"));
    }
    if (scanner.remaining() > 0) {
      throw scanner.corrupt("the end of " + count + " symbols", scanner.remaining() + " bytes");
    }
    return new SymbolTable(summed, count, start, end, places);
  }

  int count() {
    return count;
  }

  /** Checks that they are sorted bytewise, each once. */
  void checkOrder() throws IOException {
    FileScanner scanner = new FileScanner(file, start, end);
    byte[] previous = {};
    for (int i = 0; i < count; i++) {
      long place = scanner.position();
      byte[] symbol = scanner.bytes(scanner.length("a symbol"));
      if (i > 0 && Arrays.compareUnsigned(previous, symbol) >= 0) {
        throw new CorruptFile(
            file.path(),
            place,
            "a symbol after \"" + new String(previous, UTF_8) + "\"",
            "\"" + new String(symbol, UTF_8) + "\"");
      }
      previous = symbol;
    }
  }

  /** Bytes of a symbol below the count. */
  byte[] symbol(int ordinal) throws IOException {
    FileScanner scanner = at(ordinal);
    return scanner.bytes(scanner.length("a symbol"));
  }

  /** The same with its length before it, as the file has it. */
  byte[] entry(int ordinal) throws IOException {
    FileScanner scanner = at(ordinal);
    long place = scanner.position();
    int length = scanner.length("a symbol");
    int prefix = (int) (scanner.position() - place);
    byte[] entry = new byte[prefix + length];
    scanner.bytes(entry, prefix, length);
    for (int i = 0, rest = length; i < prefix; i++, rest >>>= 7) {
      entry[i] = (byte) (i + 1 < prefix ? rest | 0x80 : rest);
    }
    return entry;
  }

  private FileScanner at(int ordinal) throws IOException {
    long place = start + Integer.toUnsignedLong(places[ordinal / STEP]);
    FileScanner scanner = new FileScanner(file, place, end, WINDOW_BYTES);
    for (int i = 0; i < ordinal % STEP; i++) {
      scanner.skip(scanner.length("a symbol"));
    }
    return scanner;
  }

  /** All of them, in order. What can't be read comes out as {@link UncheckedIOException}. */
  Iterator<String> iterator() throws IOException {
    FileScanner scanner = new FileScanner(file, start, end);
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return scanner.remaining() > 0;
      }

      @Override
      public String next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        try {
          return new String(scanner.bytes(scanner.length("a symbol")), UTF_8);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    };
  }
}
