package io.rafttsdb.storage.file;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A file that is read from its start to its end in small pieces: each read of the file underneath
 * brings more than was asked for. For one thread.
 */
public final class ReadAhead implements ReadableFile {

  private static final int WINDOW_BYTES = 256 << 10;

  private final ReadableFile file;
  private final byte[] window = new byte[WINDOW_BYTES];
  private long start;
  private int length;

  public ReadAhead(ReadableFile file) {
    this.file = file;
  }

  @Override
  public Path path() {
    return file.path();
  }

  @Override
  public long sizeBytes() {
    return file.sizeBytes();
  }

  @Override
  public void read(long offset, byte[] target, int at, int count) throws IOException {
    checkRange(offset, count);
    int done = 0;
    while (done < count) {
      long from = offset + done;
      if (from < start || from >= start + length) {
        fill(from);
      }
      int part = (int) Math.min(count - done, start + length - from);
      System.arraycopy(window, (int) (from - start), target, at + done, part);
      done += part;
    }
  }

  private void fill(long from) throws IOException {
    int wanted = (int) Math.min(window.length, sizeBytes() - from);
    length = 0;
    file.read(from, window, 0, wanted);
    start = from;
    length = wanted;
  }
}
