package io.rafttsdb.replica.disk;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;

/** A snapshot as one stream of bytes between two nodes (docs/format/snapshot.md). */
public final class SnapshotStream {
  static final int MAGIC = 0x52545353; // RTSS
  static final int VERSION = 1;
  static final int HEADER_BYTES = 8;
  static final int FILE_HEADER_BYTES = 8;
  static final int TRAILER_BYTES = 4;

  /** What a snapshot consists of, in the order of the stream. */
  static final List<String> FILES =
      List.of(SnapshotManifest.FILE_NAME, SnapshotDirectory.IMAGE_NAME);

  private SnapshotStream() {}

  /**
   * Reads what {@link SnapshotLease#writeTo} wrote into an empty directory.
   *
   * @throws IOException where the stream breaks off or is damaged
   */
  public static void receive(InputStream source, Path directory) throws IOException {
    CheckedInputStream checked = new CheckedInputStream(source, new CRC32C());
    DataInputStream in = new DataInputStream(checked);
    int magic = in.readInt();
    int version = in.readInt();
    if (magic != MAGIC || version != VERSION) {
      throw new IOException("no snapshot stream of version " + VERSION + ", found " + version);
    }
    for (String name : FILES) {
      long bytes = in.readLong();
      if (bytes < 0) {
        throw new IOException("snapshot stream with " + bytes + " bytes of " + name);
      }
      try (OutputStream out = Files.newOutputStream(directory.resolve(name))) {
        copy(in, out, bytes, name);
      }
    }
    int found = (int) checked.getChecksum().getValue();
    int expected = in.readInt();
    if (expected != found) {
      throw new IOException(
          "snapshot stream with checksum " + expected + ", its bytes give " + found);
    }
  }

  private static void copy(InputStream in, OutputStream out, long bytes, String name)
      throws IOException {
    byte[] buffer = new byte[1 << 16];
    for (long left = bytes; left > 0; ) {
      int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (read < 0) {
        throw new EOFException("snapshot stream ends " + left + " bytes before the end of " + name);
      }
      out.write(buffer, 0, read);
      left -= read;
    }
  }
}
