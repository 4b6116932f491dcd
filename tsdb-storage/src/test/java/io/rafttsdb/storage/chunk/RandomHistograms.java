package io.rafttsdb.storage.chunk;

import io.rafttsdb.storage.model.BucketLayout;
import io.rafttsdb.storage.model.BucketSpans;
import io.rafttsdb.storage.model.CounterResetHint;
import io.rafttsdb.storage.model.FloatHistogram;
import io.rafttsdb.storage.model.IntegerHistogram;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SampleKind;
import io.rafttsdb.storage.model.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Native histograms as a series has them one after the other: counts that grow, buckets that come
 * and go, and now and then a reset, another resolution, a stale marker. All are valid.
 */
public final class RandomHistograms {

  private static final int[] CUSTOM_SCHEMA_BOUNDS_MAX = {1, 5, 12};

  private final SplittableRandom random;
  private final SampleKind kind;
  private boolean gauge;
  private final boolean custom;

  /** One change of many in so many steps; 0 for none. */
  private final int eventEvery;

  private final int bucketsMax;
  private final TreeMap<Integer, Long> positive = new TreeMap<>();
  private final TreeMap<Integer, Long> negative = new TreeMap<>();
  private int schema;
  private long thresholdBits;
  private long[] bounds = {};
  private long zeroCount;
  private double sum;

  /**
   * @param eventEvery steps between events on average; 0 for a series that only grows in a fixed
   *     set of buckets
   * @param bucketsMax buckets a side at most, about
   */
  public RandomHistograms(
      SplittableRandom random,
      SampleKind kind,
      boolean gauge,
      boolean custom,
      int eventEvery,
      int bucketsMax) {
    this.random = random;
    this.kind = kind;
    this.gauge = gauge;
    this.custom = custom;
    this.eventEvery = eventEvery;
    this.bucketsMax = bucketsMax;
    changeResolution();
    int buckets = random.nextInt(1, bucketsMax + 1);
    for (int i = 0; i < buckets; i++) {
      addBucket();
    }
  }

  /** A series with everything drawn. */
  public static RandomHistograms any(SplittableRandom random) {
    return new RandomHistograms(
        random,
        random.nextBoolean() ? SampleKind.HISTOGRAM : SampleKind.FLOAT_HISTOGRAM,
        random.nextInt(3) == 0,
        random.nextInt(3) == 0,
        random.nextInt(4) == 0 ? 0 : random.nextInt(2, 60),
        random.nextInt(8) == 0 ? 300 : random.nextInt(1, 30));
  }

  /** The next histogram of the series. */
  public NativeHistogram next() {
    if (happens()) {
      addBucket();
    }
    if (happens()) {
      emptyABucket();
    }
    CounterResetHint hint = gauge ? CounterResetHint.GAUGE : CounterResetHint.UNKNOWN;
    if (eventEvery > 0 && random.nextInt(eventEvery * 4) == 0) {
      switch (random.nextInt(7)) {
        case 0 -> {
          return stale(hint);
        }
        case 1 -> reset();
        case 2 -> changeResolution();
        case 3 -> hint = gauge ? hint : CounterResetHint.RESET;
        case 4 -> hint = gauge ? hint : CounterResetHint.NOT_RESET;
        case 5 -> {
          gauge = !gauge;
          hint = gauge ? CounterResetHint.GAUGE : CounterResetHint.UNKNOWN;
        }
        default -> sum = Double.NaN;
      }
    }
    grow();
    NativeHistogram histogram = make(hint);
    sum = Double.isNaN(sum) ? random.nextInt(100) : sum;
    return histogram;
  }

  private NativeHistogram stale(CounterResetHint hint) {
    return kind == SampleKind.HISTOGRAM ? IntegerHistogram.stale(hint) : FloatHistogram.stale(hint);
  }

  private boolean happens() {
    return eventEvery > 0 && random.nextInt(eventEvery) == 0;
  }

  private void addBucket() {
    boolean below = !custom && random.nextInt(3) == 0;
    int index =
        custom ? random.nextInt(bounds.length + 1) : random.nextInt(-bucketsMax, bucketsMax);
    (below ? negative : positive).putIfAbsent(index, 0L);
  }

  private void emptyABucket() {
    if (positive.isEmpty()) {
      return;
    }
    List<Integer> indexes = new ArrayList<>(positive.keySet());
    int index = indexes.get(random.nextInt(indexes.size()));
    if (gauge || positive.getOrDefault(index, 0L) == 0 || random.nextInt(10) == 0) {
      positive.remove(index);
    }
  }

  private void reset() {
    positive.replaceAll((index, count) -> count / 2);
    negative.clear();
    zeroCount = 0;
  }

  private void changeResolution() {
    if (custom) {
      schema = BucketLayout.SCHEMA_CUSTOM;
      int count = CUSTOM_SCHEMA_BOUNDS_MAX[random.nextInt(CUSTOM_SCHEMA_BOUNDS_MAX.length)];
      bounds = new long[count];
      double bound = random.nextBoolean() ? -1 : 0.005;
      for (int i = 0; i < count; i++) {
        bounds[i] = Double.doubleToRawLongBits(bound);
        bound +=
            random.nextInt(3) == 0 ? random.nextDouble() : random.nextInt(1, 9_000_000) / 1000.0;
      }
      positive.keySet().removeIf(index -> index > count);
    } else {
      schema = random.nextInt(BucketLayout.SCHEMA_MIN, BucketLayout.SCHEMA_MAX + 1);
      double[] thresholds = {
        0, 0x1p-128, 1, 1024, 0.001, 2048, 0x1p-243, 0x1p-244, Double.MIN_VALUE
      };
      thresholdBits = Double.doubleToRawLongBits(thresholds[random.nextInt(thresholds.length)]);
    }
  }

  private void grow() {
    positive.replaceAll((index, count) -> grown(count));
    negative.replaceAll((index, count) -> grown(count));
    if (!custom) {
      zeroCount = grown(zeroCount);
    }
    sum += random.nextInt(4) == 0 ? random.nextDouble() : random.nextInt(20);
  }

  private long grown(long count) {
    return switch (random.nextInt(gauge ? 8 : 6)) {
      case 0, 1 -> count;
      case 2 -> count + random.nextInt(1_000);
      case 6 -> count / 2;
      case 7 -> random.nextInt(100);
      default -> count + random.nextInt(4);
    };
  }

  private NativeHistogram make(CounterResetHint hint) {
    BucketLayout layout =
        custom
            ? BucketLayout.custom(spans(positive), bounds)
            : BucketLayout.exponential(schema, thresholdBits, spans(positive), spans(negative));
    long[] positives = positive.values().stream().mapToLong(Long::longValue).toArray();
    long[] negatives = negative.values().stream().mapToLong(Long::longValue).toArray();
    long sumBits =
        Double.isNaN(sum)
            ? (random.nextBoolean() ? Samples.NAN : 0xfff8_0000_dead_beefL)
            : Double.doubleToRawLongBits(sum);
    long count = zeroCount;
    for (Map<Integer, Long> side : List.of(positive, negative)) {
      count += side.values().stream().mapToLong(Long::longValue).sum();
    }
    if (kind == SampleKind.FLOAT_HISTOGRAM) {
      double scale = random.nextInt(20) == 0 ? 1.5 : 1;
      return new FloatHistogram(
          layout,
          hint,
          Double.doubleToRawLongBits(count * scale),
          Double.doubleToRawLongBits(zeroCount * scale),
          sumBits,
          scaled(positives, scale),
          scaled(negatives, scale));
    }
    count += Double.isNaN(sum) ? random.nextInt(5) : 0;
    return new IntegerHistogram(
        layout, hint, count, zeroCount, sumBits, deltas(positives), deltas(negatives));
  }

  private static long[] scaled(long[] counts, double scale) {
    long[] bits = new long[counts.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Double.doubleToRawLongBits(counts[i] * scale);
    }
    return bits;
  }

  private static long[] deltas(long[] counts) {
    long[] deltas = counts.clone();
    for (int i = 1; i < deltas.length; i++) {
      deltas[i] = counts[i] - counts[i - 1];
    }
    return deltas;
  }

  /** One of the many writings of the same buckets. */
  private BucketSpans spans(Map<Integer, Long> side) {
    boolean odd = eventEvery > 0 && random.nextInt(eventEvery) == 0;
    List<Integer> pairs = new ArrayList<>();
    int end = 0;
    for (int index : side.keySet()) {
      boolean first = pairs.isEmpty();
      if (first || index != end || (odd && random.nextInt(3) == 0)) {
        if (!first && odd && random.nextInt(4) == 0) {
          int part = random.nextInt(index - end + 1);
          pairs.addAll(List.of(part, 0));
          end += part;
        }
        pairs.addAll(List.of(index - end, 1));
      } else {
        pairs.set(pairs.size() - 1, pairs.getLast() + 1);
      }
      end = index + 1;
    }
    return BucketSpans.of(pairs.stream().mapToInt(Integer::intValue).toArray());
  }
}
