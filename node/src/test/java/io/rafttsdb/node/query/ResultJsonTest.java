package io.rafttsdb.node.query;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.promql.value.Histogram;
import io.rafttsdb.promql.value.Points;
import io.rafttsdb.promql.value.QueryResult;
import io.rafttsdb.promql.value.SparseCounts;
import io.rafttsdb.promql.value.Value;
import io.rafttsdb.storage.model.BucketLayout;
import io.rafttsdb.storage.model.CounterResetHint;
import io.rafttsdb.storage.model.Labels;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Native histograms in answers, in the form that Prometheus 3.5 gives them. */
class ResultJsonTest {

  private static final Histogram EXPONENTIAL =
      new Histogram(
          0,
          CounterResetHint.UNKNOWN,
          0.5,
          1,
          7.5,
          -3,
          SparseCounts.of(new int[] {1, 3}, new double[] {2, 1.5}),
          SparseCounts.of(new int[] {0, 1}, new double[] {2, 1}),
          new double[0]);

  private static final Histogram CUSTOM =
      new Histogram(
          BucketLayout.SCHEMA_CUSTOM,
          CounterResetHint.UNKNOWN,
          0,
          0,
          3,
          Double.NaN,
          SparseCounts.of(new int[] {0, 1}, new double[] {2, 1}),
          SparseCounts.NONE,
          new double[] {0.25});

  private static final Labels LABELS = Labels.of("__name__", "h");

  @Test
  void anInstantHistogramHasItsBucketsWithTheirEnds() throws IOException {
    Value vector =
        new Value.Vector(1_500, List.of(new Value.Element(LABELS, Double.NaN, EXPONENTIAL)));
    assertThat(json(vector))
        .isEqualTo(
            "{\"resultType\":\"vector\",\"result\":[{\"metric\":{\"__name__\":\"h\"},"
                + "\"histogram\":[1.500,{\"count\":\"7.5\",\"sum\":\"-3\",\"buckets\":["
                + "[1,\"-2\",\"-1\",\"1\"],[1,\"-1\",\"-0.5\",\"2\"],[3,\"-0.5\",\"0.5\",\"1\"],"
                + "[0,\"1\",\"2\",\"2\"],[0,\"4\",\"8\",\"1.5\"]]}]}]}");
  }

  @Test
  void aSeriesHasFloatsAndHistogramsApart() throws IOException {
    Points points =
        new Points(
            LABELS,
            new long[] {1_000, 2_000, 3_000},
            new double[] {Double.NaN, 4, Double.NaN},
            new Histogram[] {CUSTOM, null, CUSTOM.zero()});
    assertThat(json(new Value.Matrix(List.of(points))))
        .isEqualTo(
            "{\"resultType\":\"matrix\",\"result\":[{\"metric\":{\"__name__\":\"h\"},"
                + "\"values\":[[2,\"4\"]],\"histograms\":[[1,{\"count\":\"3\",\"sum\":\"NaN\",\"buckets\":["
                + "[3,\"-Inf\",\"0.25\",\"2\"],[0,\"0.25\",\"+Inf\",\"1\"]]}],"
                + "[3,{\"count\":\"0\",\"sum\":\"0\"}]]}]}");
  }

  private static String json(Value value) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    JsonOutput json = new JsonOutput(bytes);
    new ResultJson("h", new QueryResult(value, List.of(), List.of()), 0).write(json);
    json.flush();
    return bytes.toString(UTF_8);
  }
}
