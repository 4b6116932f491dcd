package io.rafttsdb.storage.chunk;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ChunkCutTest {

  private static final long R = 7_200_000;

  @Test
  void rangesAreAlignedAlsoBefore1970() {
    assertThat(ChunkCut.rangeEndMs(0, R)).isEqualTo(R);
    assertThat(ChunkCut.rangeEndMs(R - 1, R)).isEqualTo(R);
    assertThat(ChunkCut.rangeEndMs(R, R)).isEqualTo(2 * R);
    assertThat(ChunkCut.rangeEndMs(-1, R)).isEqualTo(0);
    assertThat(ChunkCut.rangeEndMs(-R, R)).isEqualTo(0);
    assertThat(ChunkCut.rangeEndMs(-R - 1, R)).isEqualTo(-R);
    assertThat(ChunkCut.rangeEndMs(Long.MAX_VALUE, R)).isEqualTo(Long.MAX_VALUE);
    assertThat(ChunkCut.rangeEndMs(Long.MIN_VALUE, R)).isGreaterThan(Long.MIN_VALUE);
  }

  @Test
  void theEndIsPredictedFromTheRateOfTheFirstSamples() {
    // 30 samples at 15 s: 4 chunks would take 4 * 435.001 s each; 7200 / 1740.004 = 4.1 of them.
    assertThat(ChunkCut.predictedEndMs(0, 435_000, R)).isEqualTo(1_800_000);
    // Too slow for two chunks in the range: it ends with the range.
    assertThat(ChunkCut.predictedEndMs(0, 1_000_000, R)).isEqualTo(R);
  }

  @Test
  void aChunkEndsByTimeCountOrSize() {
    assertThat(ChunkCut.isDue(10, 100, R, R - 1)).isFalse();
    assertThat(ChunkCut.isDue(10, 100, R, R)).isTrue();
    assertThat(ChunkCut.isDue(239, 100, R, 1)).isFalse();
    assertThat(ChunkCut.isDue(240, 100, R, 1)).isTrue();
    assertThat(ChunkCut.isDue(10, 1005, R, 1)).isFalse();
    assertThat(ChunkCut.isDue(10, 1006, R, 1)).isTrue();
  }

  @Test
  void noChunkExceedsItsSizeWhateverTheSamples() {
    SplittableRandom random = new SplittableRandom(7);
    XorWriter writer = new XorWriter();
    int sizeMax = 0;
    for (int i = 0; i < 20_000; i++) {
      if (ChunkCut.isDue(writer.count(), writer.sizeBytes(), Long.MAX_VALUE, 0)) {
        writer.begin();
      }
      writer.append(random.nextLong(), random.nextLong() | 1 | Long.MIN_VALUE);
      sizeMax = Math.max(sizeMax, writer.sizeBytes());
    }
    assertThat(sizeMax).isBetween(1006, ChunkCut.SIZE_BYTES_MAX);
  }
}
