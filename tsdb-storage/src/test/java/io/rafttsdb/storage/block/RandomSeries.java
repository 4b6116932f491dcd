package io.rafttsdb.storage.block;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.chunk.Encoding;
import io.rafttsdb.storage.chunk.XorReader;
import io.rafttsdb.storage.chunk.XorWriter;
import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.file.ForgetfulDisk;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Samples;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;

/** Series with samples from a seed, as a block is written from them. */
final class RandomSeries {

  static final long START_MS = 1_700_006_400_000L;
  static final long RANGE_MS = 7_200_000;
  static final long END_MS = START_MS + RANGE_MS;

  /** A sample by its value's bits. */
  record Sample(long timestampMs, long valueBits) {}

  private static final String[] VALUES = {
    "a", "b", "ab", "abc", "é", "日本", "\ud83d\ude00", "\uffee", "x y", "\"q\"", "a\nb", "z",
  };

  private static final long[] ODD_BITS = {
    Samples.STALE,
    Samples.NAN,
    Double.doubleToRawLongBits(-0.0),
    Double.doubleToRawLongBits(Double.POSITIVE_INFINITY),
    1,
  };

  private final SplittableRandom random;

  RandomSeries(long seed) {
    random = new SplittableRandom(seed);
  }

  /** Up to so many series. */
  SortedMap<Labels, List<Sample>> next(int seriesMax) {
    return exactly(random.nextInt(1, seriesMax + 1));
  }

  /** So many series. */
  SortedMap<Labels, List<Sample>> exactly(int count) {
    SortedMap<Labels, List<Sample>> all = new TreeMap<>();
    while (all.size() < count) {
      Labels.Builder labels = new Labels.Builder();
      labels.set("__name__", "metric_" + random.nextInt(5));
      for (int l = random.nextInt(5); l > 0; l--) {
        labels.set("l" + random.nextInt(6), VALUES[random.nextInt(VALUES.length)]);
      }
      if (random.nextInt(4) > 0) {
        labels.set("instance", "host-" + random.nextInt(3 * count));
      }
      all.put(labels.build(), samples());
    }
    return all;
  }

  private List<Sample> samples() {
    int kind = random.nextInt(4);
    long timestampMs = START_MS + random.nextLong(RANGE_MS / 2);
    if (kind == 0) {
      timestampMs = START_MS;
    }
    List<Sample> samples = new ArrayList<>();
    int count = random.nextInt(1, kind == 1 ? 3 : 600);
    double counter = 0;
    for (int i = 0; i < count && timestampMs < END_MS; i++) {
      counter += random.nextInt(5);
      long bits = Double.doubleToRawLongBits(kind == 2 ? random.nextDouble() : counter);
      if (random.nextInt(20) == 0) {
        bits = ODD_BITS[random.nextInt(ODD_BITS.length)];
      }
      samples.add(new Sample(timestampMs, bits));
      timestampMs += kind == 3 ? random.nextInt(1, 60_000) : 15_000;
    }
    return samples;
  }

  /** Chunks of so many samples at most. */
  static List<Chunk> chunks(List<Sample> samples, int samplesMax) {
    List<Chunk> chunks = new ArrayList<>();
    for (int start = 0; start < samples.size(); start += samplesMax) {
      List<Sample> part = samples.subList(start, Math.min(start + samplesMax, samples.size()));
      XorWriter writer = new XorWriter();
      for (Sample sample : part) {
        writer.append(sample.timestampMs, sample.valueBits);
      }
      chunks.add(
          new Chunk(
              Encoding.XOR,
              part.getFirst().timestampMs,
              part.getLast().timestampMs,
              writer.toBytes()));
    }
    return chunks;
  }

  /** Samples of a float chunk. */
  static List<Sample> samples(Chunk chunk) {
    XorReader reader = new XorReader(chunk.data(), chunk.sampleCount());
    List<Sample> samples = new ArrayList<>();
    while (reader.next()) {
      samples.add(new Sample(reader.timestampMs(), reader.valueBits()));
    }
    return samples;
  }

  /** Strings sorted as UTF-8. */
  static Set<String> sorted(Set<String> strings) {
    Set<String> sorted =
        new TreeSet<>((a, b) -> Arrays.compareUnsigned(a.getBytes(UTF_8), b.getBytes(UTF_8)));
    sorted.addAll(strings);
    return sorted;
  }

  /** Names and values, sorted as UTF-8. */
  static List<String> symbols(Set<Labels> series) {
    Set<String> symbols = sorted(Set.of());
    for (Labels labels : series) {
      labels.forEach((name, value) -> {
        symbols.add(name);
        symbols.add(value);
      });
    }
    return List.copyOf(symbols);
  }

  /** Writes a block of level 1. */
  static Path write(
      Disk disk, Path blocks, Ulid ulid, SortedMap<Labels, List<Sample>> series, long segmentBytes)
      throws IOException {
    try (BlockWriter writer = new BlockWriter(disk, blocks, ulid, segmentBytes)) {
      writer.symbols(symbols(series.keySet()).iterator());
      for (Map.Entry<Labels, List<Sample>> entry : series.entrySet()) {
        writer.series(entry.getKey(), chunks(entry.getValue(), 120));
      }
      writer.finish(START_MS, END_MS, BlockMeta.Compaction.ofHead(ulid));
    }
    return blocks.resolve(ulid.toString());
  }

  static Path write(Path blocks, Ulid ulid, SortedMap<Labels, List<Sample>> series)
      throws IOException {
    return write(new ForgetfulDisk(), blocks, ulid, series, BlockWriter.SEGMENT_BYTES_MAX);
  }
}
