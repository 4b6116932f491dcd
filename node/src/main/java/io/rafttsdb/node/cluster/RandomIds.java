package io.rafttsdb.node.cluster;

import java.util.HexFormat;
import java.util.UUID;
import java.util.random.RandomGenerator;

/** Draws what tells clusters and incarnations apart. */
final class RandomIds {

  private RandomIds() {}

  static String incarnation(RandomGenerator random) {
    return HexFormat.of().toHexDigits(random.nextLong());
  }

  /** A random UUID, version 4 (RFC 9562). */
  static UUID cluster(RandomGenerator random) {
    long most = (random.nextLong() & 0xffff_ffff_ffff_0fffL) | 0x4000L;
    long least = (random.nextLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L;
    return new UUID(most, least);
  }
}
