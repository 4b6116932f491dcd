package io.rafttsdb.replica.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * How far the log is known to be committed and on this disk (docs/format/commit-mark.md). A bad
 * record at or below it was acknowledged once and is damage; above it, it may be a torn write.
 */
public record CommitMark(long term, long index) {

  /** Of a log in which nothing is known to be committed. */
  public static final CommitMark NONE = new CommitMark(0, -1);

  private static final String FILE_NAME = "commit-mark";
  private static final int MAGIC = 0x5254434d; // RTCM
  private static final int VERSION = 1;
  private static final int TERM_OFFSET = 8;
  private static final int INDEX_OFFSET = 16;
  private static final int CHECKSUM_OFFSET = 24;
  private static final int LENGTH = 28;

  public CommitMark {
    if (term < 0 || index < -1) {
      throw new IllegalArgumentException("commit mark of term " + term + ", index " + index);
    }
  }

  /**
   * The mark of a replica's directory; empty where there is none.
   *
   * @throws DamagedLog where the file is no valid mark
   */
  public static Optional<CommitMark> read(Path directory) throws IOException, DamagedLog {
    Path file = directory.resolve(FILE_NAME);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    byte[] content = Files.readAllBytes(file);
    if (content.length != LENGTH) {
      throw new DamagedLog(file, content.length + " bytes, expected " + LENGTH);
    }
    ByteBuffer bytes = ByteBuffer.wrap(content);
    if (bytes.getInt(0) != MAGIC || bytes.getInt(4) != VERSION) {
      throw new DamagedLog(file, "no commit mark of version " + VERSION);
    }
    int expected = bytes.getInt(CHECKSUM_OFFSET);
    int found = checksum(content);
    if (expected != found) {
      throw new DamagedLog(file, "checksum " + expected + ", its bytes give " + found);
    }
    return Optional.of(new CommitMark(bytes.getLong(TERM_OFFSET), bytes.getLong(INDEX_OFFSET)));
  }

  /** Replaces the mark of a directory, durably: two forced writes. */
  public void write(Path directory) throws IOException {
    byte[] content = new byte[LENGTH];
    ByteBuffer bytes = ByteBuffer.wrap(content);
    bytes.putInt(MAGIC).putInt(VERSION).putLong(term).putLong(index);
    bytes.putInt(checksum(content));
    Path temporary = directory.resolve(FILE_NAME + ".tmp");
    Fsync.write(temporary, content);
    Fsync.publish(temporary, directory.resolve(FILE_NAME));
  }

  private static int checksum(byte[] content) {
    CRC32C crc = new CRC32C();
    crc.update(content, 0, CHECKSUM_OFFSET);
    return (int) crc.getValue();
  }
}
