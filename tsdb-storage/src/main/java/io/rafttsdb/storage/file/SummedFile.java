package io.rafttsdb.storage.file;

import io.rafttsdb.storage.model.CorruptFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * A part of a file whose own checksum covers it as a whole, too much to be summed up for each
 * lookup. Each of its pages is summed up once, when that checksum has been found right, and
 * compared whenever it is read: what rots on the disk later is an error and no wrong answer. On any
 * thread.
 */
public final class SummedFile implements ReadableFile {

  private static final int PAGE_BYTES = 512;

  private final ReadableFile file;
  private final long start;
  private final long end;
  private final int[] sums;

  private SummedFile(ReadableFile file, long start, long end, int[] sums) {
    this.file = file;
    this.start = start;
    this.end = end;
    this.sums = sums;
  }

  /**
   * Sums a part of a file up, from start to end.
   *
   * @param end exclusive
   */
  public static SummedFile of(ReadableFile file, long start, long end) throws IOException {
    file.checkRange(start, end - start);
    int[] sums = new int[Math.toIntExact((end - start + PAGE_BYTES - 1) / PAGE_BYTES)];
    byte[] page = new byte[PAGE_BYTES];
    for (int i = 0; i < sums.length; i++) {
      long offset = start + (long) i * PAGE_BYTES;
      int length = (int) Math.min(PAGE_BYTES, end - offset);
      file.read(offset, page, 0, length);
      sums[i] = sum(page, length);
    }
    return new SummedFile(file, start, end, sums);
  }

  private static int sum(byte[] page, int length) {
    CRC32C crc = new CRC32C();
    crc.update(page, 0, length);
    return (int) crc.getValue();
  }

  @Override
  public Path path() {
    return file.path();
  }

  @Override
  public long sizeBytes() {
    return end;
  }

  @Override
  public void read(long offset, byte[] target, int at, int length) throws IOException {
    if (offset < start) {
      throw new IllegalArgumentException("offset " + offset + ", expected at least " + start);
    }
    checkRange(offset, length);
    byte[] page = new byte[PAGE_BYTES];
    for (int done = 0; done < length; ) {
      int number = (int) ((offset + done - start) / PAGE_BYTES);
      long pageOffset = start + (long) number * PAGE_BYTES;
      int pageBytes = (int) Math.min(PAGE_BYTES, end - pageOffset);
      file.read(pageOffset, page, 0, pageBytes);
      int found = sum(page, pageBytes);
      if (found != sums[number]) {
        HexFormat hex = HexFormat.of();
        throw new CorruptFile(
            path(),
            pageOffset,
            "bytes of checksum " + hex.toHexDigits(sums[number]) + ", as when it was opened",
            hex.toHexDigits(found));
      }
      int from = (int) (offset + done - pageOffset);
      int part = Math.min(pageBytes - from, length - done);
      System.arraycopy(page, from, target, at + done, part);
      done += part;
    }
  }
}
