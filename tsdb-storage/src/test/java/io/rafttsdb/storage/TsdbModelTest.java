package io.rafttsdb.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.head.SealedPart;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.Digest;
import io.rafttsdb.storage.manifest.ManifestChange;
import io.rafttsdb.storage.merge.ChunkCursor;
import io.rafttsdb.storage.model.Capture;
import io.rafttsdb.storage.model.CutResult;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Matcher;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SealedRange;
import io.rafttsdb.storage.model.Selection;
import io.rafttsdb.storage.model.SeriesView;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random appends, cuts, deletions, queries and reloads, compared with {@link ModelTsdb} step by
 * step; full chunks in memory with even seeds, on disk with odd ones. Entries a seed: system
 * property {@code tsdb.model.entries}, 300 by default.
 */
class TsdbModelTest {

  private static final BlockFacts FACTS = new BlockFacts(new Digest(1, 2, 3, 4), 1, 1, 1, 1);

  private static final List<Matcher.Type> TYPES = List.of(Matcher.Type.values());

  private static final String[] NAMES = {"__name__", "job", "instance", "only_1", "absent"};

  private static final String[] PATTERNS = {
    "",
    "node",
    "node|api",
    ".*",
    ".+",
    "a\\|b",
    "a|b",
    "x\\.y",
    "x.y",
    "metric_.*",
    "(node|db)",
    "(?:db|é)",
    "metric_[0-3]",
    "host-1.*",
    "host-1?\\d:9100",
    "(?i)NODE",
    "n?ode",
    "|node",
    "v|",
    "(a)|(b)",
    "\uD83D\uDE00|x",
    "\uFF5E|node",
    "metric_1|metric_2|metric_3",
    "nod(e)?",
    "[^n].*",
  };

  private static final int ENTRIES = Integer.getInteger("tsdb.model.entries", 300);

  @TempDir private Path directory;

  static LongStream seeds() {
    return LongStream.concat(
        LongStream.range(0, 12), new SplittableRandom().longs(4).map(Math::abs));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void doesWhatTheModelDoes(long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed ^ 0x30de1);
    RandomBatches batches = new RandomBatches(seed);
    ModelTsdb model = new ModelTsdb(RandomBatches.BLOCK_RANGE_MS);
    boolean spills = seed % 2 != 0;
    SplittableRandom moments = new SplittableRandom(seed ^ 0xd15c);
    Path chunks = directory.resolve("chunks_head");
    Tsdb tsdb = spills ? Tsdb.empty(SmallChunksHead.in(chunks)) : new Tsdb();
    int spilled = 0;
    tsdb.configure(new Settings(RandomBatches.BLOCK_RANGE_MS, 0));
    for (long index = 0; index < ENTRIES; index++) {
      if (random.nextInt(60) == 0 || index == 50) {
        long windowMs = random.nextInt(4) * RandomBatches.BLOCK_RANGE_MS / 2;
        model.windowMs(windowMs);
        assertThat(tsdb.configure(new Settings(RandomBatches.BLOCK_RANGE_MS, windowMs))).isTrue();
      }
      int requests = random.nextInt(0, 4);
      for (int i = 0; i < requests; i++) {
        SampleBatch batch = batches.next(model.nextRef());
        assertThat(tsdb.append(batch)).isEqualTo(model.append(batch));
      }
      if (random.nextInt(8) == 0) {
        Selection unwanted = selection(random);
        model.delete(unwanted.matchers(), unwanted.minMs(), unwanted.maxMs());
        tsdb.delete(unwanted.matchers(), unwanted.minMs(), unwanted.maxMs());
      }
      SealedRange forgotten = seal(tsdb, model, random, index);
      tsdb.publish(index);
      if (forgotten != null) {
        model.forget(forgotten);
      }
      if (random.nextInt(50) == 0) {
        tsdb = reloaded(tsdb, spills);
      }
      if (moments.nextInt(5) == 0) {
        spilled += tsdb.spill();
      }
      checkState(tsdb, model);
      if (index % 10 == 0) {
        checkSelect(tsdb, model, random, index);
        checkLookups(tsdb, model, random);
        for (SealedPart part : tsdb.sealedParts()) {
          assertThat(baked(part)).isEqualTo(model.baked(part.range().ulid()));
        }
      }
    }
    checkRefs(tsdb, model);
    tsdb.close();
    if (spills) {
      assertThat(spilled).isGreaterThan(ENTRIES / 20);
    }
  }

  private Tsdb reloaded(Tsdb tsdb, boolean spills) throws IOException {
    if (spills) {
      Path chunks = directory.resolve("chunks_head");
      return SmallChunksHead.reload(tsdb, directory.resolve("snapshot"), chunks);
    }
    Path image = directory.resolve("image");
    tsdb.freeze().writeTo(image);
    return Tsdb.load(image);
  }

  /** Cuts now and then, says that parts are built, and drops parts: returns which. */
  private static @Nullable SealedRange seal(
      Tsdb tsdb, ModelTsdb model, SplittableRandom random, long index) {
    if (random.nextInt(4) == 0) {
      long rangeMs = RandomBatches.BLOCK_RANGE_MS;
      long upToMs = Math.floorDiv(model.headMaxMs(), rangeMs) * rangeMs - random.nextInt(2);
      upToMs -= random.nextInt(2) * rangeMs;
      Ulid ulid = new Ulid(index, random.nextLong());
      boolean fits = model.cut(upToMs, ulid);
      CutResult result = tsdb.cut(upToMs, ulid);
      assertThat(result instanceof CutResult.Refused).isEqualTo(!fits);
      if (result instanceof CutResult.Sealed(List<SealedRange> ranges) && !ranges.isEmpty()) {
        assertThat(ranges).containsExactly(model.parts().getLast());
      }
    }
    if (random.nextInt(4) == 0) {
      sealOutOfOrder(tsdb, model, random);
    }
    if (!model.waiting().isEmpty() && random.nextInt(3) == 0) {
      Ulid ulid = model.waiting().get(random.nextInt(model.waiting().size())).ulid();
      model.built(ulid);
      assertThat(tsdb.built(ulid, FACTS)).isInstanceOf(ManifestChange.Accepted.class);
      assertThat(tsdb.built(ulid, FACTS)).isInstanceOf(ManifestChange.Refused.class);
    }
    if (model.parts().isEmpty() || random.nextInt(10) > 0) {
      return null;
    }
    SealedRange part = model.parts().get(random.nextInt(model.parts().size()));
    if (model.waiting().contains(part)) {
      model.built(part.ulid());
      tsdb.built(part.ulid(), FACTS);
    }
    assertThat(tsdb.drop(List.of(part.ulid()))).isInstanceOf(ManifestChange.Accepted.class);
    return part;
  }

  private static void sealOutOfOrder(Tsdb tsdb, ModelTsdb model, SplittableRandom random) {
    List<SealedRange> ranges = new ArrayList<>();
    for (long fromMs : model.outOfOrderRanges()) {
      if (random.nextInt(4) > 0) {
        ranges.add(
            new SealedRange(
                new Ulid(fromMs, random.nextLong()),
                SealedRange.Kind.OUT_OF_ORDER,
                fromMs,
                fromMs + RandomBatches.BLOCK_RANGE_MS));
      }
    }
    boolean fits = model.cutOutOfOrder(ranges);
    assertThat(tsdb.cutOutOfOrder(ranges) instanceof CutResult.Sealed).isEqualTo(fits);
  }

  private static void checkState(Tsdb tsdb, ModelTsdb model) {
    assertThat(tsdb.stats().sampleCount()).isEqualTo(model.sampleCount());
    assertThat(tsdb.stats().seriesCount()).isEqualTo(model.seriesCount());
    assertThat(tsdb.sealedUpToMs()).isEqualTo(model.sealedUpToMs());
    assertThat(tsdb.waiting()).isEqualTo(model.waiting());
    assertThat(tsdb.sealedParts().stream().map(SealedPart::range))
        .containsExactlyInAnyOrderElementsOf(model.parts());
    assertThat(tsdb.outOfOrderRanges()).isEqualTo(model.outOfOrderRanges());
  }

  /** What a block of a part is to have. */
  private static SortedMap<Labels, SortedMap<Long, Long>> baked(SealedPart part) {
    SortedMap<Labels, SortedMap<Long, Long>> samples = new TreeMap<>();
    part.series()
        .forEachRemaining(series -> {
          SortedMap<Long, Long> some = all(new ChunkCursor(series, Long.MIN_VALUE, Long.MAX_VALUE));
          if (!some.isEmpty()) {
            assertThat(samples.put(series.labels(), some)).isNull();
          }
        });
    return samples;
  }

  private static void checkSelect(Tsdb tsdb, ModelTsdb model, SplittableRandom random, long index) {
    List<Selection> selections = List.of(selection(random), selection(random), selection(random));
    try (Capture capture = tsdb.select(selections, Integer.MAX_VALUE)) {
      check(capture, selections, model, random, index);
    }
  }

  private static void check(
      Capture capture,
      List<Selection> selections,
      ModelTsdb model,
      SplittableRandom random,
      long index) {
    assertThat(capture.index()).isEqualTo(index);
    assertThat(capture.series()).hasSize(selections.size());
    for (int k = 0; k < selections.size(); k++) {
      SortedMap<Labels, SortedMap<Long, Long>> expected = model.select(selections.get(k));
      List<SeriesView> views = capture.series().get(k);
      assertThat(views.stream().map(SeriesView::labels)).isSorted().doesNotHaveDuplicates();
      for (SeriesView view : views) {
        assertThat(model.isOutside(view.labels(), selections.get(k))).isFalse();
        assertThat(expected).containsKey(view.labels());
        SortedMap<Long, Long> samples = requireNonNull(expected.remove(view.labels()));
        assertThat(all(view.samples())).isEqualTo(samples);
        checkSeeks(view, samples, random);
      }
      assertThat(expected.values()).allMatch(Map::isEmpty);
    }
  }

  private static SortedMap<Long, Long> all(SampleCursor cursor) {
    SortedMap<Long, Long> samples = new TreeMap<>();
    while (cursor.next()) {
      assertThat(samples.put(cursor.timestampMs(), NumberedHistograms.numberAt(cursor))).isNull();
    }
    assertThat(cursor.next()).isFalse();
    return samples;
  }

  private static void checkSeeks(
      SeriesView view, SortedMap<Long, Long> samples, SplittableRandom random) {
    if (samples.isEmpty()) {
      assertThat(view.samples().seek(Long.MIN_VALUE)).isFalse();
      return;
    }
    SampleCursor cursor = view.samples();
    long atMs = Long.MIN_VALUE;
    for (int i = 0; i < 6; i++) {
      SortedMap<Long, Long> rest;
      if (random.nextBoolean()) {
        rest = atMs == Long.MIN_VALUE ? samples : samples.tailMap(atMs + 1);
        assertThat(cursor.next()).isEqualTo(!rest.isEmpty());
      } else {
        long wantedMs = samples.firstKey() + random.nextLong(-10, 20_000);
        rest = samples.tailMap(Math.max(atMs, wantedMs));
        assertThat(cursor.seek(wantedMs)).isEqualTo(!rest.isEmpty());
      }
      if (rest.isEmpty()) {
        assertThat(cursor.seek(Long.MIN_VALUE)).isFalse();
        return;
      }
      atMs = rest.firstKey();
      assertThat(cursor.timestampMs()).isEqualTo(atMs);
      assertThat(NumberedHistograms.numberAt(cursor)).isEqualTo(rest.get(atMs));
    }
  }

  private static void checkLookups(Tsdb tsdb, ModelTsdb model, SplittableRandom random) {
    List<Selection> selections = List.of(selection(random), selection(random));
    TreeSet<Labels> must = new TreeSet<>();
    TreeSet<Labels> may = new TreeSet<>();
    for (Selection selection : selections) {
      model
          .select(selection)
          .forEach((labels, samples) -> {
            if (!samples.isEmpty()) {
              must.add(labels);
            }
            if (!model.isOutside(labels, selection)) {
              may.add(labels);
            }
          });
    }
    List<Labels> series = tsdb.series(selections);
    assertThat(series).isSorted().doesNotHaveDuplicates().containsAll(must);
    assertThat(may).containsAll(series);

    TreeSet<String> names = new TreeSet<>(TsdbModelTest::compareBytes);
    TreeSet<String> jobs = new TreeSet<>(TsdbModelTest::compareBytes);
    for (Labels labels : series) {
      labels.forEach((name, value) -> names.add(name));
      if (labels.has("job")) {
        jobs.add(labels.get("job"));
      }
    }
    assertThat(tsdb.labelNames(selections)).containsExactlyElementsOf(names);
    assertThat(tsdb.labelValues("job", selections)).containsExactlyElementsOf(jobs);
  }

  private static int compareBytes(String a, String b) {
    return Arrays.compareUnsigned(a.getBytes(UTF_8), b.getBytes(UTF_8));
  }

  private static void checkRefs(Tsdb tsdb, ModelTsdb model) {
    for (int ref = 1; ref < model.nextRef(); ref++) {
      Labels labels = model.labelsOf(ref);
      assertThat(tsdb.labelsOf(ref)).isEqualTo(labels);
      if (labels != null) {
        assertThat(tsdb.refOf(labels)).isEqualTo(ref);
      }
    }
    assertThat(tsdb.labelsOf(0)).isNull();
    assertThat(tsdb.labelsOf(model.nextRef())).isNull();
    assertThat(tsdb.refOf(Labels.of("no", "such series"))).isEqualTo(SampleBatch.NO_REF);
  }

  private static Selection selection(SplittableRandom random) {
    List<Matcher> matchers = new ArrayList<>();
    for (int i = random.nextInt(0, 4); i > 0; i--) {
      Matcher.Type type = TYPES.get(random.nextInt(TYPES.size()));
      String name = NAMES[random.nextInt(NAMES.length)];
      matchers.add(new Matcher(type, name, PATTERNS[random.nextInt(PATTERNS.length)]));
    }
    if (random.nextBoolean()) {
      return new Selection(matchers, Long.MIN_VALUE, Long.MAX_VALUE);
    }
    long minMs = RandomBatches.START_MS + random.nextLong(-1000, 600_000);
    return new Selection(matchers, minMs, minMs + random.nextLong(100_000));
  }
}
