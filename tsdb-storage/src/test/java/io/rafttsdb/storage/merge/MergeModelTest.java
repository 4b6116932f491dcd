package io.rafttsdb.storage.merge;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.block.ChunkPointer;
import io.rafttsdb.storage.block.ChunkSeries;
import io.rafttsdb.storage.block.ChunkSource;
import io.rafttsdb.storage.block.Intervals;
import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.chunk.ChunkCut;
import io.rafttsdb.storage.merge.RandomParts.Part;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleCursor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random parts, merged for queries and for compaction, compared with a sorted map a series. More
 * rounds by -Draft-tsdb.merge.seeds=1000.
 */
class MergeModelTest {

  private static final long START_MS = 1_700_000_000_000L;
  private static final long RANGE_MS = 5_000;
  private static final int SEEDS = Integer.getInteger("raft-tsdb.merge.seeds", 24);

  static LongStream seeds() {
    return LongStream.concat(
        LongStream.range(0, SEEDS), new SplittableRandom().longs(SEEDS / 4).map(Math::abs));
  }

  private final List<Part> parts = new ArrayList<>();

  private void fill(SplittableRandom random) {
    RandomParts source = new RandomParts(random);
    for (int i = random.nextInt(6); i >= 0; i--) {
      long minMs = START_MS + random.nextLong(4) * RANGE_MS / 2;
      parts.add(source.part(6, minMs, minMs + RANGE_MS * (1 + random.nextLong(2))));
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void aMergedCursorSeesWhatTheModelSees(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    fill(random);
    long minMs = START_MS + random.nextLong(-100, 2 * RANGE_MS);
    long maxMs = random.nextInt(4) == 0 ? Long.MAX_VALUE : minMs + random.nextLong(3 * RANGE_MS);
    SortedMap<Labels, SortedMap<Long, Sample>> seen = RandomParts.seen(parts, minMs, maxMs);
    LabelMerge<ChunkSeries> merge = new LabelMerge<>(iterators(), ChunkSeries::labels);
    while (merge.hasNext()) {
      List<ChunkSeries> series = merge.next();
      SortedMap<Long, Sample> expected =
          seen.getOrDefault(series.getFirst().labels(), new TreeMap<>());
      List<Sample> samples = Sample.rest(SeriesMerge.cursor(series, minMs, maxMs));
      assertThat(samples).containsExactlyElementsOf(expected.values());
      assertThat(Sample.hintsAreTrue(samples)).isTrue();
      for (int i = 0; i < 4; i++) {
        walk(SeriesMerge.cursor(series, minMs, maxMs), expected, random);
      }
    }
  }

  /** Steps and seeks in turn, to the end. */
  private static void walk(
      SampleCursor cursor, SortedMap<Long, Sample> expected, SplittableRandom random) {
    SortedMap<Long, Sample> rest = expected;
    boolean isOnSample = false;
    int stepsOfTen = random.nextInt(11);
    while (true) {
      if (random.nextInt(10) < stepsOfTen) {
        rest = isOnSample ? rest.tailMap(rest.firstKey() + 1) : rest;
        assertThat(cursor.next()).isEqualTo(!rest.isEmpty());
      } else {
        long from = isOnSample ? rest.firstKey() : START_MS;
        long soughtMs = from + random.nextLong(-500, 1 + random.nextLong(2 * RANGE_MS));
        rest = isOnSample && soughtMs <= from ? rest : rest.tailMap(soughtMs);
        assertThat(cursor.seek(soughtMs)).isEqualTo(!rest.isEmpty());
      }
      if (rest.isEmpty()) {
        assertThat(cursor.next()).isFalse();
        assertThat(cursor.seek(Long.MIN_VALUE)).isFalse();
        return;
      }
      isOnSample = true;
      assertThat(Sample.at(cursor)).isEqualTo(rest.get(rest.firstKey()));
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void aCompactionHasWhatTheModelSees(long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    fill(random);
    long minMs = START_MS + (random.nextBoolean() ? 0 : random.nextLong(RANGE_MS));
    long endMs = START_MS + (random.nextBoolean() ? 4 : 2) * RANGE_MS;
    SeriesMerge merge = new SeriesMerge(sources(), minMs, endMs);
    SortedMap<Labels, SortedMap<Long, Sample>> expected = RandomParts.seen(parts, minMs, endMs - 1);

    SortedMap<Labels, SortedMap<Long, Sample>> merged = new TreeMap<>();
    Labels previous = null;
    for (Iterator<ChunkSeries> all = merge.series(); all.hasNext(); ) {
      ChunkSeries series = all.next();
      assertThat(previous == null || previous.compareTo(series.labels()) < 0).isTrue();
      previous = series.labels();
      assertThat(series.deleted()).isEqualTo(Intervals.NONE);
      merged.put(series.labels(), samplesOf(series));
    }
    assertThat(merged).isEqualTo(expected);
    assertThat(merged.keySet()).containsExactlyElementsOf(expected.keySet());
  }

  private static SortedMap<Long, Sample> samplesOf(ChunkSeries series) throws IOException {
    SortedMap<Long, Sample> samples = new TreeMap<>();
    for (ChunkPointer pointer : series.chunks()) {
      Chunk chunk = pointer.load();
      List<Sample> inChunk = Sample.rest(chunk.samples());
      assertThat(inChunk).hasSizeBetween(1, ChunkCut.SAMPLES_TARGET);
      assertThat(pointer.minMs()).isEqualTo(inChunk.getFirst().timestampMs());
      assertThat(pointer.maxMs()).isEqualTo(inChunk.getLast().timestampMs());
      assertThat(samples.isEmpty() || samples.lastKey() < pointer.minMs()).isTrue();
      inChunk.forEach(sample -> samples.put(sample.timestampMs(), sample));
    }
    assertThat(Sample.hintsAreTrue(samples.values())).isTrue();
    return samples;
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void chunksThatNothingTouchesAreNotMadeAnew(long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    fill(random);
    SeriesMerge merge = new SeriesMerge(sources(), Long.MIN_VALUE, Long.MAX_VALUE);
    for (Iterator<ChunkSeries> all = merge.series(); all.hasNext(); ) {
      ChunkSeries series = all.next();
      List<Chunk> kept = new ArrayList<>();
      for (ChunkPointer pointer : series.chunks()) {
        kept.add(pointer.load());
      }
      for (Part part : parts) {
        RandomParts.SeriesSamples samples = part.series().get(series.labels());
        if (samples == null) {
          continue;
        }
        for (Chunk chunk : samples.chunks()) {
          boolean isUntouched =
              !samples.deleted().overlaps(chunk.minMs(), chunk.maxMs())
                  && overlapping(series.labels(), chunk) == 1;
          assertThat(kept.contains(chunk)).as("the same array").isEqualTo(isUntouched);
        }
      }
    }
  }

  /** Chunks of all parts with a time in common with one, itself too, but those wholly deleted. */
  private long overlapping(Labels labels, Chunk chunk) {
    return parts.stream()
        .map(part -> part.series().get(labels))
        .filter(Objects::nonNull)
        .flatMap(samples ->
            samples.chunks().stream()
                .filter(other -> !samples.deleted().covers(other.minMs(), other.maxMs())))
        .filter(other -> other.minMs() <= chunk.maxMs() && chunk.minMs() <= other.maxMs())
        .count();
  }

  private List<Iterator<ChunkSeries>> iterators() {
    return parts.stream().map(MemorySource::new).map(MemorySource::series).toList();
  }

  private List<ChunkSource> sources() {
    return parts.stream().map(part -> (ChunkSource) new MemorySource(part)).toList();
  }
}
