package io.rafttsdb.storage.spill;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.chunk.Encoding;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;

/** Chunks by chance; what is in them is nobody's matter here. For one thread. */
final class RandomChunks {

  private static final long START_MS = 1_700_000_000_000L;

  private final SplittableRandom random;

  RandomChunks(long seed) {
    random = new SplittableRandom(seed);
  }

  /** A chunk and the series that it belongs to. */
  record Owned(long seriesRef, Chunk chunk) {

    /** Whether it is what was read. */
    boolean is(SpilledChunk read) {
      Chunk other = read.chunk();
      return read.seriesRef() == seriesRef
          && other.encoding() == chunk.encoding()
          && other.minMs() == chunk.minMs()
          && other.maxMs() == chunk.maxMs()
          && Arrays.equals(other.data(), chunk.data());
    }

    void assertIs(SpilledChunk read) {
      assertThat(is(read)).as("%s is %s", read, this).isTrue();
    }
  }

  /** What was read is what was appended at its place. */
  static void assertAppended(Map<Long, Owned> appended, SpilledChunk read) {
    Owned owned = appended.get(read.place());
    assertThat(owned != null && owned.is(read)).as("%s is %s", read, owned).isTrue();
  }

  /** Of 2 to 700 bytes, seldom of up to 9,000. */
  Owned next() {
    return next(random.nextInt(20) == 0 ? random.nextInt(2, 9000) : random.nextInt(2, 700));
  }

  Owned next(int sizeBytes) {
    byte[] data = new byte[sizeBytes];
    if (random.nextInt(4) > 0) {
      random.nextBytes(data);
    }
    Encoding[] encodings = Encoding.values();
    long minMs = random.nextInt(10) == 0 ? random.nextLong(Long.MIN_VALUE, 0) : START_MS;
    Encoding encoding = encodings[random.nextInt(encodings.length)];
    long ref = random.nextInt(10) == 0 ? random.nextLong(1, Long.MAX_VALUE) : random.nextLong(1, 9);
    return new Owned(ref, new Chunk(encoding, minMs, minMs + random.nextInt(10_000), data));
  }
}
