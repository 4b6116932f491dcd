package io.rafttsdb.storage.merge;

import io.rafttsdb.storage.block.ChunkPointer;
import io.rafttsdb.storage.block.ChunkSeries;
import io.rafttsdb.storage.block.Intervals;
import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.chunk.ChunkEncoder;
import io.rafttsdb.storage.chunk.RandomHistograms;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleKind;
import io.rafttsdb.storage.model.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.LongFunction;

/**
 * Random parts of a storage, and what is to be seen of them. Timestamps are few, so that parts
 * overlap and have the same ones, with other values.
 */
public final class RandomParts {

  /** Values whose bits are easily lost. */
  private static final long[] VALUES = {
    Samples.STALE,
    0x7ff8000000000001L,
    Double.doubleToRawLongBits(-0.0),
    Double.doubleToRawLongBits(Double.NEGATIVE_INFINITY),
    1,
  };

  private final SplittableRandom random;

  /** Series of six that may have histograms. */
  private final int histogramsOfSix;

  /** Parts with samples of all kinds. */
  public RandomParts(SplittableRandom random) {
    this(random, 3);
  }

  private RandomParts(SplittableRandom random, int histogramsOfSix) {
    this.random = random;
    this.histogramsOfSix = histogramsOfSix;
  }

  /** Parts without native histograms. */
  public static RandomParts ofFloats(SplittableRandom random) {
    return new RandomParts(random, 0);
  }

  /** One part: its series, with what is deleted of each. */
  public record Part(SortedMap<Labels, SeriesSamples> series) {

    /** What is deleted, by series. */
    public Map<Labels, Intervals> deletions() {
      Map<Labels, Intervals> deletions = new TreeMap<>();
      series.forEach((labels, samples) -> deletions.put(labels, samples.deleted));
      return deletions;
    }

    /** The same samples, nothing of them deleted. */
    public Part withoutDeletions() {
      SortedMap<Labels, SeriesSamples> all = new TreeMap<>();
      series.forEach((labels, samples) ->
          all.put(labels, new SeriesSamples(samples.samples, samples.chunks, Intervals.NONE)));
      return new Part(all);
    }

    /** What is seen of it in [minMs, maxMs], without the deleted samples. */
    public SortedMap<Labels, SortedMap<Long, Sample>> seen(long minMs, long maxMs) {
      SortedMap<Labels, SortedMap<Long, Sample>> seen = new TreeMap<>();
      series.forEach((labels, samples) -> {
        SortedMap<Long, Sample> left = new TreeMap<>();
        for (Sample sample : samples.samples) {
          long t = sample.timestampMs();
          if (t >= minMs && t <= maxMs && !samples.deleted.contains(t)) {
            left.put(t, sample);
          }
        }
        if (!left.isEmpty()) {
          seen.put(labels, left);
        }
      });
      return seen;
    }
  }

  /** Samples of one series of a part, chunked in some way. */
  public record SeriesSamples(List<Sample> samples, List<Chunk> chunks, Intervals deleted) {

    public ChunkSeries toChunkSeries(Labels labels) {
      return new ChunkSeries(labels, chunks.stream().map(MemoryChunk::new).toList(), deleted);
    }
  }

  private record MemoryChunk(Chunk chunk) implements ChunkPointer {
    @Override
    public long minMs() {
      return chunk.minMs();
    }

    @Override
    public long maxMs() {
      return chunk.maxMs();
    }

    @Override
    public Chunk load() {
      return chunk;
    }
  }

  /** What is seen of several parts in [minMs, maxMs]: of equal timestamps the first part's. */
  public static SortedMap<Labels, SortedMap<Long, Sample>> seen(
      List<Part> parts, long minMs, long maxMs) {
    SortedMap<Labels, SortedMap<Long, Sample>> seen = new TreeMap<>();
    for (Part part : parts) {
      part.seen(minMs, maxMs)
          .forEach((labels, samples) -> {
            Map<Long, Sample> earlier = seen.putIfAbsent(labels, samples);
            if (earlier != null) {
              samples.forEach(earlier::putIfAbsent);
            }
          });
    }
    return seen;
  }

  /** A part with samples in [minMs, endMs) of some of so many series. */
  public Part part(int seriesCount, long minMs, long endMs) {
    SortedMap<Labels, SeriesSamples> series = new TreeMap<>();
    for (int i = 0; i < seriesCount; i++) {
      if (random.nextInt(4) != 0) {
        series.put(labels(i), samples(minMs, endMs));
      }
    }
    return new Part(series);
  }

  /** Label sets whose order by bytes is not that of their numbers, nor of UTF-16. */
  static Labels labels(int number) {
    String name = number % 3 == 0 ? "up" : number % 3 == 1 ? "up_\uFF5E" : "up_\uD83D\uDE00";
    return Labels.of("__name__", name, "n", Integer.toString(number));
  }

  private SeriesSamples samples(long minMs, long endMs) {
    List<Sample> samples = new ArrayList<>();
    LongFunction<Sample> values = values();
    long stepMs = 1 + random.nextLong(Math.max(1, (endMs - minMs) / 200));
    long startMs = minMs + random.nextLong(Math.max(1, (endMs - minMs) / 2));
    for (long t = startMs - Math.floorMod(startMs, stepMs); t < endMs; ) {
      if (t >= minMs) {
        samples.add(values.apply(t));
      }
      t += stepMs * (random.nextInt(20) == 0 ? 1 + random.nextLong(30) : 1);
    }
    if (samples.isEmpty()) {
      samples.add(values.apply(minMs));
    }
    return new SeriesSamples(samples, chunks(samples), deletions(minMs, endMs));
  }

  /** Floats, native histograms, or both in turn. */
  private LongFunction<Sample> values() {
    int choice = random.nextInt(6);
    if (choice < 6 - histogramsOfSix) {
      return this::number;
    }
    RandomHistograms histograms =
        new RandomHistograms(
            random,
            random.nextBoolean() ? SampleKind.HISTOGRAM : SampleKind.FLOAT_HISTOGRAM,
            random.nextInt(3) == 0,
            random.nextInt(3) == 0,
            random.nextInt(2) * 20,
            8);
    int floatsOf10 = choice == 3 ? random.nextInt(10) : 0;
    return timestampMs ->
        timestampMs / 100 % 10 < floatsOf10
            ? number(timestampMs)
            : Sample.of(timestampMs, histograms.next());
  }

  private Sample number(long timestampMs) {
    int choice = random.nextInt(12);
    long bits =
        choice < VALUES.length
            ? VALUES[choice]
            : Double.doubleToRawLongBits(random.nextInt(1000) / 4.0);
    return Sample.of(timestampMs, bits);
  }

  private List<Chunk> chunks(List<Sample> samples) {
    List<Chunk> chunks = new ArrayList<>();
    for (int from = 0; from < samples.size(); ) {
      int to = Math.min(samples.size(), from + 1 + random.nextInt(150));
      ChunkEncoder encoder = new ChunkEncoder(new SampleList(samples.subList(from, to)));
      for (Chunk chunk = encoder.next(); chunk != null; chunk = encoder.next()) {
        chunks.add(chunk);
      }
      from = to;
    }
    return chunks;
  }

  private Intervals deletions(long minMs, long endMs) {
    Intervals deleted = Intervals.NONE;
    if (random.nextInt(3) == 0) {
      for (int i = random.nextInt(4); i >= 0; i--) {
        long fromMs = minMs + random.nextLong(-10, endMs - minMs);
        deleted = deleted.with(fromMs, fromMs + random.nextLong((endMs - minMs) / 2 + 1));
      }
    }
    if (random.nextInt(20) == 0) {
      deleted = deleted.with(Long.MIN_VALUE, random.nextBoolean() ? Long.MAX_VALUE : minMs);
    }
    return deleted;
  }
}
