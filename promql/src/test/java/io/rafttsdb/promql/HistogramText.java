package io.rafttsdb.promql;

import io.rafttsdb.promql.value.Histogram;
import io.rafttsdb.promql.value.SparseCounts;
import io.rafttsdb.storage.model.BucketLayout;
import io.rafttsdb.storage.model.BucketSpans;
import io.rafttsdb.storage.model.CounterResetHint;
import io.rafttsdb.storage.model.FloatHistogram;
import io.rafttsdb.storage.model.IntegerHistogram;
import io.rafttsdb.storage.model.NativeHistogram;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** The scripts' text of native histograms, <code>{{schema:0 count:1 sum:2 buckets:[1]}}</code>. */
final class HistogramText {

  private static final Pattern FIELD = Pattern.compile("([a-z_]+):(\\[[^]]*]|\\S+)");

  private HistogramText() {}

  static Histogram parse(String text) {
    Map<String, String> fields = new HashMap<>();
    Matcher field = FIELD.matcher(text.substring(2, text.length() - 2));
    while (field.find()) {
      fields.put(field.group(1), field.group(2));
    }
    int schema = (int) number(fields, "schema");
    double[] bounds = numbers(fields, "custom_values");
    Histogram histogram =
        new Histogram(
            schema,
            CounterResetHint.valueOf(
                fields.getOrDefault("counter_reset_hint", "unknown").toUpperCase(Locale.ROOT)),
            number(fields, "z_bucket_w"),
            number(fields, "z_bucket"),
            number(fields, "count"),
            number(fields, "sum"),
            counts(numbers(fields, "buckets"), (int) number(fields, "offset")),
            counts(numbers(fields, "n_buckets"), (int) number(fields, "n_offset")),
            bounds);
    fields
        .keySet()
        .removeAll(
            Set.of(
                "schema",
                "custom_values",
                "counter_reset_hint",
                "z_bucket_w",
                "z_bucket",
                "count",
                "sum",
                "buckets",
                "offset",
                "n_buckets",
                "n_offset"));
    if (!fields.isEmpty()) {
      throw new IllegalArgumentException("unknown fields " + fields + " in " + text);
    }
    return histogram;
  }

  private static double number(Map<String, String> fields, String name) {
    String text = fields.getOrDefault(name, "0");
    return switch (text) {
      case "Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(text);
    };
  }

  private static double[] numbers(Map<String, String> fields, String name) {
    String text = fields.getOrDefault(name, "[]");
    return Pattern.compile("[^\\[\\] ]+")
        .matcher(text)
        .results()
        .mapToDouble(match -> Double.parseDouble(match.group()))
        .toArray();
  }

  private static SparseCounts counts(double[] counts, int offset) {
    return SparseCounts.of(IntStream.range(offset, offset + counts.length).toArray(), counts);
  }

  /** As the storage would give it: of integers where all counts are. */
  static NativeHistogram stored(Histogram h) {
    BucketSpans positive = BucketSpans.ofIndexes(indexes(h.positive()));
    BucketSpans negative = BucketSpans.ofIndexes(indexes(h.negative()));
    BucketLayout layout =
        h.isCustom()
            ? BucketLayout.custom(positive, bits(h.customBounds()))
            : BucketLayout.exponential(
                h.schema(), Double.doubleToRawLongBits(h.zeroThreshold()), positive, negative);
    double[] positives = counts(h.positive());
    double[] negatives = counts(h.negative());
    long sum = Double.doubleToRawLongBits(h.sum());
    boolean whole =
        h.count() == Math.rint(h.count())
            && h.zeroCount() == Math.rint(h.zeroCount())
            && Arrays.stream(positives).allMatch(c -> c == Math.rint(c))
            && Arrays.stream(negatives).allMatch(c -> c == Math.rint(c));
    return whole
        ? new IntegerHistogram(
            layout,
            h.hint(),
            (long) h.count(),
            (long) h.zeroCount(),
            sum,
            deltas(positives),
            deltas(negatives))
        : new FloatHistogram(
            layout,
            h.hint(),
            Double.doubleToRawLongBits(h.count()),
            Double.doubleToRawLongBits(h.zeroCount()),
            sum,
            bits(positives),
            bits(negatives));
  }

  private static int[] indexes(SparseCounts side) {
    return IntStream.range(0, side.size()).map(side::index).toArray();
  }

  private static double[] counts(SparseCounts side) {
    return IntStream.range(0, side.size()).mapToDouble(side::count).toArray();
  }

  private static long[] bits(double[] values) {
    return Arrays.stream(values).mapToLong(Double::doubleToRawLongBits).toArray();
  }

  private static long[] deltas(double[] counts) {
    long[] deltas = new long[counts.length];
    for (int i = 0; i < deltas.length; i++) {
      deltas[i] = (long) counts[i] - (i == 0 ? 0 : (long) counts[i - 1]);
    }
    return deltas;
  }
}
