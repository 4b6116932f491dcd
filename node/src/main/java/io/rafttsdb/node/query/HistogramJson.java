package io.rafttsdb.node.query;

import io.rafttsdb.promql.value.Histogram;
import io.rafttsdb.promql.value.Histogram.Bucket;
import java.io.IOException;

/** Writes native histograms as Prometheus's query API does. */
final class HistogramJson {

  // How a bucket's ends are told: which of them belong to it.
  private static final int UPPER_ONLY = 0;
  private static final int LOWER_ONLY = 1;
  private static final int NEITHER = 2;
  private static final int BOTH = 3;

  private HistogramJson() {}

  /** A time with a histogram, whose empty buckets are left out. */
  static void sample(JsonOutput json, long timeMs, Histogram histogram) throws IOException {
    json.raw("[");
    json.time(timeMs);
    json.raw(",{\"count\":");
    number(json, histogram.count());
    json.raw(",\"sum\":");
    number(json, histogram.sum());
    boolean any = false;
    for (Bucket bucket : histogram.buckets()) {
      json.raw(any ? ",[" : ",\"buckets\":[[");
      any = true;
      json.raw(Integer.toString(ends(bucket)));
      json.raw(",");
      number(json, bucket.lower());
      json.raw(",");
      number(json, bucket.upper());
      json.raw(",");
      number(json, bucket.count());
      json.raw("]");
    }
    json.raw(any ? "]}]" : "}]");
  }

  private static int ends(Bucket bucket) {
    if (bucket.lowerInclusive()) {
      return bucket.upperInclusive() ? BOTH : LOWER_ONLY;
    }
    return bucket.upperInclusive() ? UPPER_ONLY : NEITHER;
  }

  private static void number(JsonOutput json, double value) throws IOException {
    json.raw("\"");
    json.raw(FloatText.of(value));
    json.raw("\"");
  }
}
