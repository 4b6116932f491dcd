package io.rafttsdb.replica;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.LongAdder;

/**
 * Pulls files from other nodes, each from where an earlier pull of it ended. Bytes are not checked
 * here, only counted: whoever puts the files together checks them. Safe for any thread, each with
 * files of its own.
 */
final class FilePull {
  private static final int PIECE_BYTES = 64 << 10;

  private final PullRate rate;
  private final LongAdder pulledBytes = new LongAdder();

  FilePull(PullRate rate) {
    this.rate = rate;
  }

  /** Opens a file of another node at an offset. */
  @FunctionalInterface
  interface Opening {
    InputStream at(long offset) throws IOException, InterruptedException;
  }

  /**
   * Pulls what lacks of a file and forces it.
   *
   * @param target what of it was pulled before; deleted where it is longer than the file
   * @throws IOException where it breaks off; what came stays for the next try
   */
  void pull(Path target, long sizeBytes, Opening opening) throws IOException, InterruptedException {
    Path parent = target.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    long have = Files.exists(target) ? Files.size(target) : 0;
    if (have > sizeBytes) {
      Files.delete(target);
      have = 0;
    }
    if (have < sizeBytes || !Files.exists(target)) {
      try (OutputStream out =
          Files.newOutputStream(target, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
        if (have < sizeBytes) {
          try (InputStream in = opening.at(have)) {
            copy(in, out, sizeBytes - have, target);
          }
        }
      }
    }
    try (FileChannel channel = FileChannel.open(target, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  private void copy(InputStream in, OutputStream out, long bytes, Path target)
      throws IOException, InterruptedException {
    byte[] piece = new byte[PIECE_BYTES];
    for (long left = bytes; left > 0; ) {
      int read = in.read(piece, 0, (int) Math.min(piece.length, left));
      if (read < 0) {
        throw new EOFException(target + ": " + left + " bytes before the end nothing more came");
      }
      out.write(piece, 0, read);
      pulledBytes.add(read);
      rate.await(read);
      left -= read;
    }
  }

  /** Bytes that came from other nodes. */
  long pulledBytes() {
    return pulledBytes.sum();
  }
}
