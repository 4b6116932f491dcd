package io.rafttsdb.replica.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * A file of a snapshot that belongs to no block.
 *
 * @param path below the snapshot's directory, its names separated by slashes
 * @param crc CRC32C over its bytes
 */
public record SnapshotFile(String path, long sizeBytes, int crc) {
  private static final Pattern PATH = Pattern.compile("[a-z0-9_-]{1,64}(/[a-z0-9_-]{1,64}){0,3}");

  public SnapshotFile {
    if (!isPath(path)) {
      throw new IllegalArgumentException(
          "snapshot file \"" + path + "\", expected up to four names of small letters and digits");
    }
    if (sizeBytes < 0) {
      throw new IllegalArgumentException("snapshot file " + path + " of " + sizeBytes + " bytes");
    }
  }

  /** Whether a text is such a path: never one that leads out of a directory. */
  static boolean isPath(String text) {
    return PATH.matcher(text).matches()
        && !text.equals(SnapshotManifest.FILE_NAME)
        && !(text + "/").startsWith(SnapshotBlock.DIRECTORY + "/");
  }

  /** A file that is there, read once. */
  public static SnapshotFile of(Path snapshot, String path) throws IOException {
    Path file = snapshot.resolve(path);
    return new SnapshotFile(path, Files.size(file), checksum(file));
  }

  /**
   * Checks that a directory has this file.
   *
   * @throws IOException where it has another, or none
   */
  public void check(Path snapshot) throws IOException {
    Path file = snapshot.resolve(path);
    long found = Files.size(file);
    if (found != sizeBytes) {
      throw new IOException(file + " has " + found + " bytes, expected " + sizeBytes);
    }
    int foundCrc = checksum(file);
    if (foundCrc != crc) {
      throw new IOException(file + " has checksum " + foundCrc + ", expected " + crc);
    }
  }

  private static int checksum(Path file) throws IOException {
    CRC32C crc = new CRC32C();
    byte[] buffer = new byte[1 << 18];
    try (var in = Files.newInputStream(file)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        crc.update(buffer, 0, read);
      }
    }
    return (int) crc.getValue();
  }
}
