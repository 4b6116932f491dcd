package io.rafttsdb.storage.block;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rafttsdb.storage.file.ChannelFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.function.LongConsumer;

/**
 * What replicas compare: SHA-256 over meta.json in its canonical form (the fields of {@link
 * BlockMeta} as we write them, without the count of tombstones), the index and the chunk segments,
 * each with its name and length before it. Tombstones are not part of it.
 */
public final class BlockChecksum {

  /** Bytes of a checksum. */
  public static final int BYTES = 32;

  private static final int WINDOW_BYTES = 256 << 10;

  private final MessageDigest digest;
  private final LongConsumer beforeRead;

  private BlockChecksum(LongConsumer beforeRead) {
    this.beforeRead = beforeRead;
    try {
      this.digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /**
   * The checksum of a block as it is on disk, good or not.
   *
   * @param beforeRead is told the bytes of each read before it happens, and may make it wait
   */
  public static byte[] of(Path directory, LongConsumer beforeRead) throws IOException {
    BlockChecksum checksum = new BlockChecksum(beforeRead);
    byte[] meta = BlockMetaJson.write(Block.readMeta(directory).withTombstones(0));
    checksum.begin(BlockFormat.META, meta.length);
    checksum.digest.update(meta);
    checksum.file(BlockFormat.INDEX, directory.resolve(BlockFormat.INDEX));
    for (Path segment : Block.segmentFiles(directory)) {
      checksum.file(BlockFormat.CHUNKS + "/" + segment.getFileName(), segment);
    }
    return checksum.digest.digest();
  }

  private void begin(String name, long sizeBytes) {
    digest.update(name.getBytes(UTF_8));
    digest.update(ByteBuffer.allocate(1 + Long.BYTES).put((byte) 0).putLong(sizeBytes).array());
  }

  private void file(String name, Path path) throws IOException {
    try (ChannelFile file = ChannelFile.open(path, beforeRead)) {
      begin(name, file.sizeBytes());
      byte[] window = new byte[WINDOW_BYTES];
      for (long at = 0; at < file.sizeBytes(); at += WINDOW_BYTES) {
        int length = (int) Math.min(WINDOW_BYTES, file.sizeBytes() - at);
        file.read(at, window, 0, length);
        digest.update(window, 0, length);
      }
    }
  }
}
