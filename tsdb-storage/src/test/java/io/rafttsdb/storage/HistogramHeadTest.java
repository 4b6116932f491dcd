package io.rafttsdb.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.block.ChunkPointer;
import io.rafttsdb.storage.block.ChunkSeries;
import io.rafttsdb.storage.chunk.RandomHistograms;
import io.rafttsdb.storage.head.SealedPart;
import io.rafttsdb.storage.model.AppendResult;
import io.rafttsdb.storage.model.AppendResult.Reason;
import io.rafttsdb.storage.model.BucketLayout;
import io.rafttsdb.storage.model.BucketSpans;
import io.rafttsdb.storage.model.CounterResetHint;
import io.rafttsdb.storage.model.CutResult;
import io.rafttsdb.storage.model.FloatHistogram;
import io.rafttsdb.storage.model.IntegerHistogram;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SampleKind;
import io.rafttsdb.storage.model.Selection;
import io.rafttsdb.storage.model.SeriesView;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Native histograms and floats in the same series, against sorted maps. */
class HistogramHeadTest {

  private static final long RANGE_MS = 600_000;
  private static final long START_MS = 1_700_000_000_000L;
  private static final int SERIES = 6;

  @TempDir private Path directory;

  static LongStream seeds() {
    return LongStream.concat(
        LongStream.range(0, 6), new SplittableRandom().longs(2).map(Math::abs));
  }

  /** None, less than a block range, and more. */
  private static long windowMs(long seed) {
    return seed % 3 * RANGE_MS * 2 / 3;
  }

  /** A float's bits, or a histogram. */
  private record Value(long bits, @Nullable NativeHistogram histogram) {

    static Value at(SampleCursor cursor) {
      return cursor.kind() == SampleKind.FLOAT
          ? new Value(cursor.valueBits(), null)
          : new Value(0, cursor.histogram());
    }

    boolean isSame(Value other) {
      NativeHistogram theirs = other.histogram;
      if (histogram == null || theirs == null) {
        return equals(other);
      }
      return histogram.sameSample(theirs);
    }

    void addTo(SampleBatch.Builder batch, long timestampMs) {
      if (histogram == null) {
        batch.sample(timestampMs, bits);
      } else {
        batch.histogram(timestampMs, histogram);
      }
    }
  }

  /** What a series should have, and what it gets next. */
  private static final class ModelSeries {
    final Labels labels;
    final NavigableMap<Long, Value> samples = new TreeMap<>();
    final List<RandomHistograms> kinds = new ArrayList<>();
    int kind;

    /** Of those that came in order. */
    long newestMs = Long.MIN_VALUE;

    ModelSeries(int i, SplittableRandom random) {
      labels = Labels.of("__name__", "series_" + i);
      for (int k = 0; k < 3; k++) {
        kinds.add(RandomHistograms.any(random));
      }
    }

    Value next(SplittableRandom random) {
      kind = random.nextInt(30) == 0 ? random.nextInt(kinds.size() + 1) : kind;
      return kind == kinds.size()
          ? new Value(random.nextLong(), null)
          : new Value(0, kinds.get(kind).next());
    }
  }

  /** Two engines that get the same; one is loaded from its image now and then. */
  private static final class Run {
    final SplittableRandom random;
    final long windowMs;
    final List<ModelSeries> series = new ArrayList<>();
    Tsdb steady = new Tsdb();
    Tsdb reloaded = new Tsdb();
    long nowMs = START_MS;
    long newestMs = Long.MIN_VALUE;
    long index;

    Run(long seed, long windowMs) {
      random = new SplittableRandom(seed);
      this.windowMs = windowMs;
      for (int i = 0; i < SERIES; i++) {
        series.add(new ModelSeries(i, random));
      }
      steady.configure(new Settings(RANGE_MS, windowMs));
      reloaded.configure(new Settings(RANGE_MS, windowMs));
    }

    void entry() {
      nowMs += random.nextInt(1, 15_000);
      SampleBatch.Builder batch = new SampleBatch.Builder();
      int stored = 0;
      int repeated = 0;
      List<Reason> refused = new ArrayList<>();
      long minValidMs = newestMs == Long.MIN_VALUE ? newestMs : newestMs - RANGE_MS / 2;
      long windowStartMs = newestMs == Long.MIN_VALUE ? newestMs : newestMs - windowMs;
      for (int row = random.nextInt(1, 6); row > 0; row--) {
        ModelSeries each = series.get(random.nextInt(SERIES));
        batch.series(each.labels);
        for (int i = random.nextInt(1, 4); i > 0; i--) {
          long timestampMs = timestamp(each);
          Value there = each.samples.get(timestampMs);
          Value value =
              there != null && random.nextBoolean() ? rewritten(there) : each.next(random);
          value.addTo(batch, timestampMs);
          boolean isInWindow = windowMs > 0 && timestampMs >= windowStartMs;
          if (timestampMs < minValidMs && !isInWindow) {
            refused.add(windowMs > 0 ? Reason.TOO_OLD : Reason.OUT_OF_BOUNDS);
          } else if (there != null && there.isSame(value)) {
            repeated++;
          } else if (there != null) {
            refused.add(Reason.DUPLICATE);
          } else {
            boolean isInOrder = timestampMs >= minValidMs && timestampMs > each.newestMs;
            if (!isInOrder && !isInWindow) {
              refused.add(windowMs > 0 ? Reason.TOO_OLD : Reason.OUT_OF_ORDER);
              continue;
            }
            each.samples.put(timestampMs, value);
            each.newestMs = isInOrder ? timestampMs : each.newestMs;
            newestMs = Math.max(newestMs, timestampMs);
            stored++;
          }
        }
      }
      check(batch.build(), stored, repeated, refused);
    }

    private long timestamp(ModelSeries each) {
      if (each.samples.isEmpty() || random.nextInt(5) > 0) {
        return nowMs + random.nextInt(3);
      }
      long behindMs = each.samples.lastKey() - random.nextInt(60_000);
      Long stored = each.samples.floorKey(behindMs);
      return stored == null || random.nextInt(4) == 0 ? behindMs : stored;
    }

    /** The same value, perhaps with more empty buckets. */
    private Value rewritten(Value value) {
      NativeHistogram histogram = value.histogram;
      if (histogram == null
          || histogram.isStale()
          || histogram.layout().customBounds().length > 0) {
        return value;
      }
      BucketLayout layout = histogram.layout();
      return new Value(0, histogram.in(layout.with(wider(layout.positive()), layout.negative())));
    }

    private static BucketSpans wider(BucketSpans spans) {
      int[] indexes = spans.bucketIndexes();
      int[] more = Arrays.copyOf(indexes, indexes.length + 1);
      more[indexes.length] = indexes.length == 0 ? 3 : indexes[indexes.length - 1] + 2;
      return BucketSpans.ofIndexes(more);
    }

    private void check(SampleBatch batch, int stored, int repeated, List<Reason> refused) {
      AppendResult result = steady.append(batch);
      assertThat(reloaded.append(batch)).isEqualTo(result);
      assertThat(result)
          .isInstanceOfSatisfying(
              AppendResult.Judged.class,
              judged -> {
                assertThat(judged.stored()).isEqualTo(stored);
                assertThat(judged.repeated()).isEqualTo(repeated);
                assertThat(judged.refused())
                    .extracting(AppendResult.Refused::reason)
                    .isEqualTo(refused.subList(0, Math.min(refused.size(), 10)));
              });
      index++;
      steady.publish(index);
      reloaded.publish(index);
      assertThat(reloaded.stats()).isEqualTo(steady.stats());
    }
  }

  private static List<SeriesView> everything(Tsdb tsdb) {
    Selection all = new Selection(List.of(), Long.MIN_VALUE, Long.MAX_VALUE);
    return tsdb.select(List.of(all), Integer.MAX_VALUE).series().getFirst();
  }

  private static void assertSame(SampleCursor cursor, SortedMap<Long, Value> expected) {
    for (Map.Entry<Long, Value> sample : expected.entrySet()) {
      assertThat(cursor.next()).isTrue();
      assertThat(cursor.timestampMs()).isEqualTo(sample.getKey());
      Value found = Value.at(cursor);
      assertThat(found.isSame(sample.getValue())).as("%s for %s", found, sample).isTrue();
    }
    assertThat(cursor.next()).isFalse();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void keepsWhatItWasGivenAcrossImages(long seed) throws IOException {
    Run run = new Run(seed, windowMs(seed));
    Path image = directory.resolve("image");
    for (int i = 0; i < 200; i++) {
      run.entry();
      if (run.random.nextInt(25) == 0) {
        byte[] hash = run.reloaded.freeze().writeTo(image);
        assertThat(hash).isEqualTo(run.steady.freeze().stateHash());
        run.reloaded = Tsdb.load(image);
        assertThat(run.reloaded.stats()).isEqualTo(run.steady.stats());
      }
    }
    for (Tsdb tsdb : List.of(run.steady, run.reloaded)) {
      for (SeriesView view : everything(tsdb)) {
        assertSame(view.samples(), modelOf(run, view.labels()).samples);
      }
    }
  }

  private static ModelSeries modelOf(Run run, Labels labels) {
    return run.series.stream()
        .filter(series -> series.labels.equals(labels))
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void aFrozenOrCapturedStateIsNotDisturbedByWhatComesLater(long seed) {
    Run run = new Run(seed, windowMs(seed));
    for (int round = 0; round < 12; round++) {
      for (int i = run.random.nextInt(1, 10); i > 0; i--) {
        run.entry();
      }
      FrozenTsdb frozen = run.steady.freeze();
      byte[] hash = frozen.stateHash();
      List<SeriesView> views = everything(run.steady);
      List<SortedMap<Long, Value>> expected = new ArrayList<>();
      views.forEach(view -> expected.add(new TreeMap<>(modelOf(run, view.labels()).samples)));
      for (int i = run.random.nextInt(1, 30); i > 0; i--) {
        run.entry();
      }
      assertThat(frozen.stateHash()).isEqualTo(hash);
      for (int i = 0; i < views.size(); i++) {
        assertSame(views.get(i).samples(), expected.get(i));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void aSealedPartHasTheChunks(long seed) throws IOException {
    Run run = new Run(seed, 0);
    while (run.newestMs < START_MS + 3 * RANGE_MS) {
      run.entry();
    }
    long upToMs = (START_MS / RANGE_MS + 2) * RANGE_MS;
    assertThat(run.steady.cut(upToMs, new Ulid(1, 1))).isInstanceOf(CutResult.Sealed.class);
    run.steady.publish(run.index + 1);
    SealedPart part = run.steady.sealedParts().getFirst();
    Path image = directory.resolve("image");
    run.steady.freeze().writeTo(image);
    for (SealedPart each : List.of(part, Tsdb.load(image).sealedParts().getFirst())) {
      Iterator<ChunkSeries> all = each.series();
      while (all.hasNext()) {
        ChunkSeries series = all.next();
        NavigableMap<Long, Value> expected =
            new TreeMap<>(modelOf(run, series.labels()).samples.headMap(upToMs));
        for (ChunkPointer pointer : series.chunks()) {
          SortedMap<Long, Value> part0 =
              expected.subMap(pointer.minMs(), true, pointer.maxMs(), true);
          assertSame(pointer.load().samples(), part0);
          part0.clear();
        }
        assertThat(expected).isEmpty();
      }
    }
  }

  /** What the leader lets through no more breaks nothing where it is in a log. */
  @ParameterizedTest
  @MethodSource("seeds")
  void anyHistogramCanBeApplied(long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    Tsdb tsdb = new Tsdb();
    tsdb.configure(new Settings(RANGE_MS, 0));
    for (int i = 1; i < 300; i++) {
      SampleBatch batch =
          new SampleBatch.Builder()
              .series(Labels.of("__name__", "hostile"))
              .histogram(START_MS + i, hostile(random))
              .build();
      assertThat(tsdb.append(batch)).isEqualTo(new AppendResult.Judged(1, 0, 0, List.of()));
      tsdb.publish(i);
    }
    Path image = directory.resolve("image");
    byte[] hash = tsdb.freeze().writeTo(image);
    assertThat(Tsdb.load(image).freeze().stateHash()).isEqualTo(hash);
  }

  private static NativeHistogram hostile(SplittableRandom random) {
    BucketLayout layout =
        BucketLayout.exponential(random.nextInt(2), 0, spans(random), spans(random));
    CounterResetHint hint = CounterResetHint.of(random.nextInt(4));
    long[] positives = random.longs(layout.positive().bucketCount()).toArray();
    long[] negatives = random.longs(layout.negative().bucketCount()).toArray();
    long count = random.nextLong(4);
    return random.nextBoolean()
        ? new IntegerHistogram(layout, hint, count, 0, 0, positives, negatives)
        : new FloatHistogram(layout, hint, count, 0, 0, positives, negatives);
  }

  /** Spans with steps back, and from one end of all indexes to the other. */
  private static BucketSpans spans(SplittableRandom random) {
    int[] pairs = new int[random.nextInt(4) * 2];
    for (int i = 0; i < pairs.length; i += 2) {
      pairs[i] = random.nextInt(3) == 0 ? random.nextInt() : random.nextInt(-3, 4);
      pairs[i + 1] = random.nextInt(3);
    }
    int[] offsets = new int[pairs.length / 2];
    int[] lengths = new int[offsets.length];
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = pairs[2 * i];
      lengths[i] = pairs[2 * i + 1];
    }
    return BucketSpans.problemOf(offsets, lengths) == null
        ? new BucketSpans(offsets, lengths)
        : BucketSpans.of(Integer.MIN_VALUE, 1, Integer.MAX_VALUE, 0, Integer.MAX_VALUE - 1, 1);
  }

  @Test
  void aRepeatMayComeWithAnotherHintOrAnotherWritingButNoOtherKind() {
    Tsdb tsdb = new Tsdb();
    tsdb.configure(new Settings(RANGE_MS, 0));
    Labels labels = Labels.of("__name__", "h");
    BucketLayout layout = BucketLayout.exponential(0, 0, BucketSpans.of(0, 2), BucketSpans.NONE);
    IntegerHistogram first =
        new IntegerHistogram(
            layout, CounterResetHint.RESET, 3, 0, 0, new long[] {1, 1}, new long[0]);
    FloatHistogram asFloats =
        new FloatHistogram(layout, CounterResetHint.UNKNOWN, 3, 0, 0, new long[2], new long[0]);
    SampleBatch batch =
        new SampleBatch.Builder()
            .series(labels)
            .histogram(1, first)
            .histogram(1, first.with(CounterResetHint.UNKNOWN))
            .histogram(1, first.in(layout.with(BucketSpans.of(-1, 1, 0, 4), BucketSpans.of(3, 1))))
            .histogram(1, first.with(CounterResetHint.GAUGE))
            .histogram(1, asFloats)
            .sample(1, 0)
            .histogram(2, asFloats)
            .histogram(1, first)
            .sample(3, 7)
            .sample(3, 7)
            .histogram(3, first)
            .histogram(0, first)
            .build();

    assertThat(tsdb.append(batch))
        .isInstanceOfSatisfying(
            AppendResult.Judged.class,
            judged -> {
              assertThat(judged.stored()).isEqualTo(3);
              assertThat(judged.repeated()).isEqualTo(4);
              assertThat(judged.refused())
                  .extracting(AppendResult.Refused::reason)
                  .containsExactly(
                      Reason.DUPLICATE,
                      Reason.DUPLICATE,
                      Reason.DUPLICATE,
                      Reason.DUPLICATE,
                      Reason.OUT_OF_ORDER);
            });
    tsdb.publish(1);
    assertThat(tsdb.stats().chunkCount()).isEqualTo(3);
  }

  /** A sealed chunk may be gone on this node, and is not in an image. */
  @Test
  void aSealedChunkHasNoBearingOnTheNext() throws IOException {
    Tsdb tsdb = new Tsdb();
    tsdb.configure(new Settings(RANGE_MS, RANGE_MS));
    long startMs = START_MS / RANGE_MS * RANGE_MS;
    Labels pinned = Labels.of("__name__", "pinned");
    IntegerHistogram histogram =
        new IntegerHistogram(
            BucketLayout.exponential(0, 0, BucketSpans.of(0, 1), BucketSpans.NONE),
            CounterResetHint.UNKNOWN,
            3,
            0,
            0,
            new long[] {3},
            new long[0]);
    tsdb.append(
        new SampleBatch.Builder()
            .series(pinned)
            .histogram(startMs + 10, histogram)
            .sample(startMs + 9, 0)
            .series(Labels.of("__name__", "later"))
            .sample(startMs + 2 * RANGE_MS, 0)
            .build());
    assertThat(tsdb.cut(startMs + RANGE_MS, new Ulid(1, 1))).isInstanceOf(CutResult.Sealed.class);
    tsdb.publish(1);
    Path image = directory.resolve("image");
    tsdb.freeze().writeTo(image);
    Tsdb loaded = Tsdb.load(image);
    for (Tsdb each : List.of(tsdb, loaded)) {
      assertThat(
              each.append(
                  new SampleBatch.Builder()
                      .series(pinned)
                      .histogram(startMs + 2 * RANGE_MS, histogram)
                      .build()))
          .isEqualTo(new AppendResult.Judged(1, 0, 0, List.of()));
      each.publish(2);
    }
    assertThat(loaded.freeze().stateHash()).isEqualTo(tsdb.freeze().stateHash());
    assertThat(loaded.stats()).isEqualTo(tsdb.stats());
  }

  @Test
  void theWindowTakesAllKinds() {
    Tsdb tsdb = new Tsdb();
    tsdb.configure(new Settings(RANGE_MS, RANGE_MS));
    IntegerHistogram stale = IntegerHistogram.stale(CounterResetHint.UNKNOWN);
    SampleBatch batch =
        new SampleBatch.Builder()
            .series(Labels.of("__name__", "h"))
            .histogram(START_MS, stale)
            .histogram(START_MS - 1, stale)
            .histogram(START_MS - 1, stale.with(CounterResetHint.RESET))
            .sample(START_MS - 1, stale.sumBits())
            .histogram(START_MS - 1, FloatHistogram.stale(CounterResetHint.UNKNOWN))
            .sample(START_MS - 2, 7)
            .sample(START_MS - 2, 7)
            .histogram(START_MS - 2, stale)
            .sample(START_MS, 7)
            .build();

    assertThat(tsdb.append(batch))
        .isInstanceOfSatisfying(
            AppendResult.Judged.class,
            judged -> {
              assertThat(judged.stored()).isEqualTo(3);
              assertThat(judged.repeated()).isEqualTo(2);
              assertThat(judged.refused())
                  .extracting(AppendResult.Refused::reason)
                  .containsOnly(Reason.DUPLICATE)
                  .hasSize(4);
            });
  }
}
