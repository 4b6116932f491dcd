package io.rafttsdb.storage.file;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.LongConsumer;

/** A file read by system calls, which report what the disk can't read, at a bounded rate. */
public final class ChannelFile implements ReadableFile, Closeable {

  private final Path path;
  private final FileChannel channel;
  private final long sizeBytes;
  private final LongConsumer beforeRead;

  private ChannelFile(Path path, FileChannel channel, long sizeBytes, LongConsumer beforeRead) {
    this.path = path;
    this.channel = channel;
    this.sizeBytes = sizeBytes;
    this.beforeRead = beforeRead;
  }

  /**
   * Opens a file.
   *
   * @param beforeRead is told the bytes of each read before it happens, and may make it wait
   */
  public static ChannelFile open(Path path, LongConsumer beforeRead) throws IOException {
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
    try {
      return new ChannelFile(path, channel, channel.size(), beforeRead);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public long sizeBytes() {
    return sizeBytes;
  }

  @Override
  public void read(long offset, byte[] target, int at, int length) throws IOException {
    checkRange(offset, length);
    beforeRead.accept(length);
    ByteBuffer buffer = ByteBuffer.wrap(target, at, length);
    long position = offset;
    while (buffer.hasRemaining()) {
      int count = channel.read(buffer, position);
      if (count < 0) {
        throw new EOFException(
            path
                + " was cut while it was read: expected "
                + sizeBytes
                + " bytes, found "
                + position);
      }
      position += count;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
