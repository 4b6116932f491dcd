package io.rafttsdb.storage.chunk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.storage.model.Samples;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class XorChunkTest {

  private static final long[] ODD_BITS = {
    Samples.STALE,
    Samples.NAN,
    0x7ff8000000000000L,
    0xfff8000000000000L,
    0x7ff0000000000001L,
    0x7fffffffffffffffL,
    0xffffffffffffffffL,
    Double.doubleToRawLongBits(Double.POSITIVE_INFINITY),
    Double.doubleToRawLongBits(Double.NEGATIVE_INFINITY),
    Double.doubleToRawLongBits(-0.0),
    0,
    1,
    Long.MIN_VALUE + 1,
    Double.doubleToRawLongBits(1.0),
  };

  private static final long[] ODD_DODS = {
    0,
    1,
    -1,
    8191,
    8192,
    8193,
    -8191,
    -8192,
    65535,
    65536,
    65537,
    -65535,
    -65536,
    524287,
    524288,
    524289,
    -524287,
    -524288,
    Integer.MAX_VALUE,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
  };

  static LongStream seeds() {
    return LongStream.concat(
        LongStream.range(0, 64), new SplittableRandom().longs(8).map(Math::abs));
  }

  @Test
  void writesThePrometheusBytesOfTheFormatFacts() {
    XorWriter writer = new XorWriter();
    writer.append(1_700_000_000_000L, Double.doubleToRawLongBits(1.0));
    writer.append(1_700_000_015_007L, Double.doubleToRawLongBits(3.0));

    assertThat(HexFormat.of().formatHex(writer.toBytes()))
        .isEqualTo("0002" + "80a0abfef962" + "3ff0000000000000" + "9f75" + "c267ff80");
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void returnsWhatItWasGiven(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int count = random.nextInt(1, 400);
    long[] times = times(random, count);
    long[] bits = values(random, count);
    XorWriter writer = new XorWriter();
    for (int i = 0; i < count; i++) {
      writer.append(times[i], bits[i]);
    }

    byte[] chunk = writer.toBytes();
    assertThat(XorReader.countOf(chunk)).isEqualTo(count);
    XorReader exact = new XorReader(chunk, count);
    assertSamples(exact, times, bits, count);
    assertThat(exact.bitLength()).isEqualTo(writer.bitLength());
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void whatWasWrittenStaysWhileTheChunkGrows(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int count = 300;
    long[] times = times(random, count);
    long[] bits = values(random, count);
    XorWriter writer = new XorWriter();
    byte[][] arrays = new byte[count][];
    byte[][] chunks = new byte[count][];
    int[] bitLengths = new int[count];
    for (int i = 0; i < count; i++) {
      writer.append(times[i], bits[i]);
      arrays[i] = writer.array();
      chunks[i] = writer.toBytes();
      bitLengths[i] = writer.bitLength();
    }

    for (int i = 0; i < count; i++) {
      assertSamples(new XorReader(arrays[i], i + 1), times, bits, i + 1);
      byte[] later = Arrays.copyOf(arrays[i], XorWriter.sizeBytes(bitLengths[i]));
      XorWriter.endAt(later, bitLengths[i], i + 1);
      assertThat(later).isEqualTo(chunks[i]);
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void arbitraryBytesGiveSamplesOrCorruptChunk(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] bytes = new byte[random.nextInt(0, 200)];
    random.nextBytes(bytes);
    int count = random.nextInt(1, 300);
    XorReader reader = new XorReader(bytes, count);
    int read = 0;
    try {
      while (reader.next()) {
        read++;
      }
      assertThat(read).isEqualTo(count);
    } catch (CorruptChunk e) {
      assertThat(e).hasMessageContaining("sample " + (read + 1) + " of " + count);
    }
  }

  @Test
  void aTruncatedChunkIsCorrupt() {
    XorWriter writer = new XorWriter();
    writer.append(1000, 1);
    writer.append(2000, Long.MAX_VALUE);
    byte[] chunk = writer.toBytes();
    XorReader reader = new XorReader(Arrays.copyOf(chunk, chunk.length - 1), 2);

    assertThat(reader.next()).isTrue();
    assertThatThrownBy(reader::next).isInstanceOf(CorruptChunk.class);
  }

  private static void assertSamples(XorReader reader, long[] times, long[] bits, int count) {
    for (int i = 0; i < count; i++) {
      assertThat(reader.next()).isTrue();
      assertThat(reader.timestampMs()).isEqualTo(times[i]);
      assertThat(reader.valueBits()).isEqualTo(bits[i]);
    }
    assertThat(reader.next()).isFalse();
  }

  private static long[] times(SplittableRandom random, int count) {
    long[] times = new long[count];
    int kind = random.nextInt(4);
    long timestampMs = kind == 0 ? random.nextLong() : 1_700_000_000_000L;
    long deltaMs = 15_000;
    for (int i = 0; i < count; i++) {
      times[i] = timestampMs;
      deltaMs +=
          switch (kind) {
            case 0 -> random.nextLong();
            case 1 -> ODD_DODS[random.nextInt(ODD_DODS.length)];
            case 2 -> random.nextLong(-20, 20);
            default -> 0;
          };
      timestampMs += deltaMs;
    }
    return times;
  }

  private static long[] values(SplittableRandom random, int count) {
    long[] bits = new long[count];
    int kind = random.nextInt(4);
    double counter = 0;
    for (int i = 0; i < count; i++) {
      counter += random.nextInt(10);
      bits[i] =
          switch (kind) {
            case 0 -> random.nextLong();
            case 1 -> ODD_BITS[random.nextInt(ODD_BITS.length)];
            case 2 -> Double.doubleToRawLongBits(counter);
            default -> random.nextLong() >>> random.nextInt(64) << random.nextInt(64);
          };
    }
    return bits;
  }
}
