package io.rafttsdb.storage.block;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/** Damages files of a block, with or without putting the checksums right afterwards. */
final class Damage {

  private static final int TOC_BYTES = 52;

  private Damage() {}

  /** Bytes [start, end) that the four bytes at the end are the checksum of. */
  record Checked(int start, int end) {}

  /** Other bytes than the given ones. */
  static byte[] of(byte[] good, SplittableRandom random) {
    while (true) {
      byte[] bytes = random(good.clone(), random);
      if (!Arrays.equals(bytes, good)) {
        return bytes;
      }
    }
  }

  private static byte[] random(byte[] bytes, SplittableRandom random) {
    int at = random.nextInt(bytes.length);
    switch (random.nextInt(6)) {
      case 0 -> {
        return Arrays.copyOf(bytes, at);
      }
      case 1 -> {
        return Arrays.copyOf(bytes, bytes.length + random.nextInt(1, 70));
      }
      case 2 -> {
        int end = Math.min(bytes.length, at + random.nextInt(1, 50));
        for (int i = at; i < end; i++) {
          bytes[i] = (byte) random.nextInt();
        }
      }
      case 3 -> Arrays.fill(bytes, at, Math.min(bytes.length, at + 512), (byte) 0);
      case 4 -> bytes[at] = (byte) 0xff;
      default -> bytes[at] ^= (byte) (1 << random.nextInt(8));
    }
    return bytes;
  }

  /** Other bytes within a part that a checksum covers, and the checksum that they have. */
  static byte[] forge(byte[] good, List<Checked> parts, SplittableRandom random) {
    while (true) {
      Checked part = parts.get(random.nextInt(parts.size()));
      byte[] bytes = good.clone();
      for (int n = random.nextInt(1, 4); n > 0; n--) {
        int at = random.nextInt(part.start, part.end);
        bytes[at] =
            (byte) (random.nextBoolean() ? random.nextInt() : bytes[at] ^ 1 << random.nextInt(8));
      }
      if (!Arrays.equals(bytes, good)) {
        return withChecksum(bytes, part);
      }
    }
  }

  /** Puts the checksum of a part right. */
  static byte[] withChecksum(byte[] bytes, Checked part) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, part.start, part.end - part.start);
    ByteBuffer.wrap(bytes).putInt(part.end, (int) crc.getValue());
    return bytes;
  }

  /** Parts of an index that checksums cover, in order of the file. */
  static List<Checked> indexParts(byte[] index) {
    ByteBuffer buffer = ByteBuffer.wrap(index);
    int toc = index.length - TOC_BYTES;
    int postings = (int) buffer.getLong(toc + 32);
    int table = (int) buffer.getLong(toc + 40);
    List<Checked> parts = new ArrayList<>();
    int at = section(buffer, 5, parts);
    while (true) {
      at = (at + 15) / 16 * 16;
      if (at >= postings) {
        break;
      }
      int[] body = uvarint(index, at);
      parts.add(new Checked(body[1], body[1] + body[0]));
      at = body[1] + body[0] + 4;
    }
    for (at = postings; at < table; ) {
      at = section(buffer, at, parts);
    }
    section(buffer, table, parts);
    parts.add(new Checked(toc, toc + 48));
    return parts;
  }

  private static int section(ByteBuffer buffer, int at, List<Checked> parts) {
    int end = at + 4 + buffer.getInt(at);
    parts.add(new Checked(at + 4, end));
    return end + 4;
  }

  /** Chunks of a segment. */
  static List<Checked> segmentParts(byte[] segment) {
    List<Checked> parts = new ArrayList<>();
    for (int at = 8; at < segment.length; ) {
      int[] data = uvarint(segment, at);
      int end = data[1] + 1 + data[0];
      parts.add(new Checked(data[1], end));
      at = end + 4;
    }
    return parts;
  }

  /** A number, and where it ends. */
  static int[] uvarint(byte[] bytes, int at) {
    int value = 0;
    int end = at;
    for (int shift = 0; ; shift += 7) {
      value |= (bytes[end] & 0x7f) << shift;
      if (bytes[end++] >= 0) {
        return new int[] {value, end};
      }
    }
  }

  /** Copies a block. */
  static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
  }
}
