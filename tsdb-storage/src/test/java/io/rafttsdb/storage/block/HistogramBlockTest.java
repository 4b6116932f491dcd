package io.rafttsdb.storage.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.chunk.ChunkEncoder;
import io.rafttsdb.storage.chunk.RandomHistograms;
import io.rafttsdb.storage.file.ForgetfulDisk;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SampleKind;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Native histograms in a block, alone and among floats. */
class HistogramBlockTest {

  private static final Ulid ULID = Ulid.parse("01HF7XKM00000000000000000A");
  private static final int SAMPLES = 300;

  @TempDir private Path directory;

  static LongStream seeds() {
    return LongStream.concat(
        LongStream.range(0, 8), new SplittableRandom().longs(2).map(Math::abs));
  }

  /** A sample each second: histograms, and floats where there is none. */
  private static final class Walk implements SampleCursor {
    private final @Nullable NativeHistogram[] histograms;
    private int at = -1;

    Walk(@Nullable NativeHistogram[] histograms) {
      this.histograms = histograms;
    }

    @Override
    public boolean next() {
      at++;
      return at < histograms.length;
    }

    @Override
    public boolean seek(long timestampMs) {
      throw new AssertionError("the encoder goes from sample to sample");
    }

    @Override
    public long timestampMs() {
      return RandomSeries.START_MS + at * 1_000L;
    }

    @Override
    public long valueBits() {
      return Double.doubleToRawLongBits(at);
    }

    @Override
    public SampleKind kind() {
      NativeHistogram histogram = histograms[at];
      return histogram == null ? SampleKind.FLOAT : histogram.kind();
    }

    @Override
    public NativeHistogram histogram() {
      NativeHistogram histogram = histograms[at];
      if (histogram == null) {
        throw new AssertionError("a float at " + at);
      }
      return histogram;
    }
  }

  private static List<Chunk> series(
      SplittableRandom random, SampleKind kind, boolean custom, boolean mixed) {
    RandomHistograms source =
        new RandomHistograms(random, kind, random.nextBoolean(), custom, 30, 20);
    @Nullable NativeHistogram[] histograms = new @Nullable NativeHistogram[SAMPLES];
    boolean isFloat = false;
    for (int i = 0; i < SAMPLES; i++) {
      isFloat ^= mixed && random.nextInt(40) == 0;
      histograms[i] = isFloat ? null : source.next();
    }
    ChunkEncoder encoder = new ChunkEncoder(new Walk(histograms));
    List<Chunk> chunks = new ArrayList<>();
    for (Chunk chunk = encoder.next(); chunk != null; chunk = encoder.next()) {
      chunks.add(chunk);
    }
    return chunks;
  }

  private BlockMeta write(SortedMap<Labels, List<Chunk>> series) throws IOException {
    try (BlockWriter writer = new BlockWriter(new ForgetfulDisk(), directory, ULID)) {
      writer.symbols(RandomSeries.symbols(series.keySet()).iterator());
      for (Map.Entry<Labels, List<Chunk>> entry : series.entrySet()) {
        writer.series(entry.getKey(), entry.getValue());
      }
      return writer.finish(
          RandomSeries.START_MS, RandomSeries.END_MS, BlockMeta.Compaction.ofHead(ULID));
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void returnsWhatWasWritten(long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    SortedMap<Labels, List<Chunk>> series = new TreeMap<>();
    for (SampleKind kind : List.of(SampleKind.HISTOGRAM, SampleKind.FLOAT_HISTOGRAM)) {
      for (int i = 0; i < 4; i++) {
        series.put(
            Labels.of("__name__", "h", "kind", kind.name(), "i", "" + i),
            series(random, kind, i % 2 == 0, i < 2));
      }
    }
    BlockMeta meta = write(series);
    assertThat(meta.stats().samples()).isEqualTo(8L * SAMPLES);
    assertThat(meta.stats().floatSamples()).isPositive();
    assertThat(meta.stats().histogramSamples())
        .isEqualTo(meta.stats().samples() - meta.stats().floatSamples());
    Path path = directory.resolve(ULID.toString());
    assertThat(BlockVerifier.verify(path, bytes -> {})).isEqualTo(meta);
    try (Block opened = Block.open(path);
        Lease lease = opened.acquire()) {
      for (ChunkSeries found : lease.block().select(List.of(), 0, Long.MAX_VALUE, 100)) {
        List<Chunk> expected = Objects.requireNonNull(series.get(found.labels()));
        assertThat(expected).hasSameSizeAs(found.chunks());
        for (int i = 0; i < expected.size(); i++) {
          Chunk chunk = found.chunks().get(i).load();
          assertThat(chunk.encoding()).isEqualTo(expected.get(i).encoding());
          assertThat(Arrays.equals(chunk.data(), expected.get(i).data())).isTrue();
        }
      }
    }
  }

  @Test
  void promtoolReadsThem() throws Exception {
    List<Promtool> promtools = Promtool.all();
    assumeTrue(!promtools.isEmpty(), Promtool.NONE);
    SplittableRandom random = new SplittableRandom(5);
    SortedMap<Labels, List<Chunk>> series = new TreeMap<>();
    series.put(Labels.of("__name__", "a"), series(random, SampleKind.HISTOGRAM, false, true));
    series.put(
        Labels.of("__name__", "b"), series(random, SampleKind.FLOAT_HISTOGRAM, false, false));
    final BlockMeta meta = write(series);
    Files.createDirectory(directory.resolve("wal"));
    for (Promtool promtool : promtools) {
      String list = promtool.run(directory, "tsdb", "list", directory.toString());
      assertThat(list).containsPattern("\\b" + meta.stats().samples() + "\\b");
      assertThat(promtool.run(directory, "tsdb", "analyze", directory.toString()))
          .contains(ULID.toString());
      // The dump leaves samples out where the kind of value changes; a server is asked elsewhere.
    }
  }
}
