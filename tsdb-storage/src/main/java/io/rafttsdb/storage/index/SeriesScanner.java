package io.rafttsdb.storage.index;

import io.rafttsdb.storage.file.FileScanner;
import io.rafttsdb.storage.file.ReadableFile;
import java.io.IOException;
import java.util.Arrays;

/**
 * Goes over the labels of all series entries of an index, from the first to the last. Every entry's
 * checksum is checked. For one thread.
 */
final class SeriesScanner {

  private final FileScanner in;
  private int id;
  private int labelCount;
  private int[] symbols = new int[64];

  SeriesScanner(ReadableFile file, long start, long end) throws IOException {
    in = new FileScanner(file, start, end);
  }

  /** Moves to the next series; false at the end. */
  boolean next() throws IOException {
    long padding = -in.position() & (IndexFormat.SERIES_ALIGNMENT - 1);
    if (padding >= in.remaining()) {
      return false;
    }
    in.skip(padding);
    id = (int) (in.position() / IndexFormat.SERIES_ALIGNMENT);
    int length = in.length("a series entry");
    in.startChecksum();
    long end = in.position() + length;
    long count = in.uvarint();
    if (count < 0 || count > length / 2) {
      throw in.corrupt("labels in " + length + " bytes", Long.toUnsignedString(count));
    }
    labelCount = (int) count;
    if (symbols.length < 2 * labelCount) {
      symbols = Arrays.copyOf(symbols, 2 * labelCount);
    }
    for (int i = 0; i < 2 * labelCount; i++) {
      symbols[i] = (int) in.uvarint();
    }
    in.skip(end - in.position());
    in.checkChecksum("a series entry");
    return true;
  }

  int id() {
    return id;
  }

  int labelCount() {
    return labelCount;
  }

  int name(int i) {
    return symbols[2 * i];
  }

  int value(int i) {
    return symbols[2 * i + 1];
  }
}
