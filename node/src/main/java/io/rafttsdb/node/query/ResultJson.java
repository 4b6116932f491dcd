package io.rafttsdb.node.query;

import io.rafttsdb.node.query.ApiReply.Remarks;
import io.rafttsdb.promql.ast.NumberText;
import io.rafttsdb.promql.value.Annotation;
import io.rafttsdb.promql.value.Histogram;
import io.rafttsdb.promql.value.Points;
import io.rafttsdb.promql.value.QueryResult;
import io.rafttsdb.promql.value.Value;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The result of a query as Prometheus writes it. */
final class ResultJson {

  /** How many remarks of a kind are told; then only how many more there are. */
  private static final int REMARKS_MAX = 10;

  private final String query;
  private final QueryResult result;
  private final int limit;

  /**
   * @param query its text, in which remarks tell places
   * @param limit how many series are sent at most; 0: all
   */
  ResultJson(String query, QueryResult result, int limit) {
    this.query = query;
    this.result = result;
    this.limit = limit;
  }

  Remarks remarks() {
    List<String> warnings = texts(result.warnings(), "warning");
    if (isTruncated()) {
      warnings.addAll(Remarks.truncated(true).warnings());
    }
    return new Remarks(warnings, texts(result.infos(), "info"));
  }

  private List<String> texts(List<Annotation> annotations, String kind) {
    List<String> texts = new ArrayList<>();
    annotations.stream().limit(REMARKS_MAX).forEach(remark -> texts.add(remark.in(query)));
    int more = annotations.size() - REMARKS_MAX;
    if (more > 0) {
      texts.add(more + " more " + kind + " annotations omitted");
    }
    return texts;
  }

  private boolean isTruncated() {
    return switch (result.value()) {
      case Value.Vector vector -> isTruncated(vector.elements().size());
      case Value.Matrix matrix -> isTruncated(matrix.series().size());
      case Value.Scalar _, Value.StringValue _ -> false;
    };
  }

  private boolean isTruncated(int count) {
    return limit > 0 && count > limit;
  }

  private int sent(int count) {
    return isTruncated(count) ? limit : count;
  }

  void write(JsonOutput json) throws IOException {
    switch (result.value()) {
      case Value.Scalar(long timeMs, double value) ->
          single(json, "scalar", timeMs, NumberText.plain(value));
      case Value.StringValue(long timeMs, String value) -> single(json, "string", timeMs, value);
      case Value.Vector vector -> vector(json, vector);
      case Value.Matrix matrix -> matrix(json, matrix);
    }
    json.raw("}");
  }

  /** Here Prometheus writes the time as any JSON number. */
  private static void single(JsonOutput json, String type, long timeMs, String value)
      throws IOException {
    json.raw("{\"resultType\":\"" + type + "\",\"result\":[");
    json.raw(FloatText.of(timeMs / 1000.0));
    json.raw(",");
    json.string(value);
    json.raw("]");
  }

  private void vector(JsonOutput json, Value.Vector vector) throws IOException {
    json.raw("{\"resultType\":\"vector\",\"result\":[");
    int count = sent(vector.elements().size());
    for (int i = 0; i < count; i++) {
      Value.Element element = vector.elements().get(i);
      json.raw(i == 0 ? "{\"metric\":" : ",{\"metric\":");
      json.labels(element.labels());
      Histogram histogram = element.histogram();
      if (histogram == null) {
        json.raw(",\"value\":");
        json.sample(vector.timeMs(), element.value());
      } else {
        json.raw(",\"histogram\":");
        HistogramJson.sample(json, vector.timeMs(), histogram);
      }
      json.raw("}");
    }
    json.raw("]");
  }

  private void matrix(JsonOutput json, Value.Matrix matrix) throws IOException {
    json.raw("{\"resultType\":\"matrix\",\"result\":[");
    int count = sent(matrix.series().size());
    for (int i = 0; i < count; i++) {
      Points points = matrix.series().get(i);
      json.raw(i == 0 ? "{\"metric\":" : ",{\"metric\":");
      json.labels(points.labels());
      if (points.hasHistograms()) {
        floatsAndHistograms(json, points);
      } else {
        json.raw(",\"values\":[");
        for (int point = 0; point < points.count(); point++) {
          if (point > 0) {
            json.raw(",");
          }
          json.sample(points.timeMs(point), points.value(point));
        }
        json.raw("]");
      }
      json.raw("}");
    }
    json.raw("]");
  }

  private static void floatsAndHistograms(JsonOutput json, Points points) throws IOException {
    boolean any = false;
    for (int point = 0; point < points.count(); point++) {
      if (points.histogram(point) == null) {
        json.raw(any ? "," : ",\"values\":[");
        json.sample(points.timeMs(point), points.value(point));
        any = true;
      }
    }
    json.raw(any ? "],\"histograms\":[" : ",\"histograms\":[");
    any = false;
    for (int point = 0; point < points.count(); point++) {
      Histogram histogram = points.histogram(point);
      if (histogram != null) {
        json.raw(any ? "," : "");
        HistogramJson.sample(json, points.timeMs(point), histogram);
        any = true;
      }
    }
    json.raw("]");
  }
}
