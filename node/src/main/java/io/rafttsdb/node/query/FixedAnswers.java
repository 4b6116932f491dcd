package io.rafttsdb.node.query;

import io.rafttsdb.node.http.HttpReply;
import io.rafttsdb.node.http.HttpRequest;
import io.rafttsdb.node.http.Router;
import io.rafttsdb.node.query.ApiReply.Remarks;
import io.rafttsdb.promql.PromQl;

/**
 * What Grafana asks when it connects, and whose true answer is always the same: this node evaluates
 * no rules, and stores no exemplars and no metadata.
 */
final class FixedAnswers {

  /** The Prometheus whose API this one is like; clients choose by it how they ask. */
  private static final String PROMETHEUS_VERSION = "3.5.0";

  private final PromQl engine;

  FixedAnswers(PromQl engine) {
    this.engine = engine;
  }

  void register(Router.Builder router) {
    router
        .get("/api/v1/status/buildinfo", ApiFunction.handler(request -> buildInfo()))
        .get("/api/v1/metadata", ApiFunction.handler(request -> fixed("{}")))
        .get("/api/v1/rules", ApiFunction.handler(request -> fixed("{\"groups\":[]}")))
        .get("/api/v1/alerts", ApiFunction.handler(request -> fixed("{\"alerts\":[]}")))
        .getOrPost("/api/v1/query_exemplars", ApiFunction.handler(this::exemplars));
  }

  private static HttpReply buildInfo() {
    String own = FixedAnswers.class.getPackage().getImplementationVersion();
    return ApiReply.success(
        json -> {
          json.raw("{\"version\":");
          json.string(PROMETHEUS_VERSION);
          json.raw(
              ",\"revision\":\"\",\"branch\":\"\",\"buildUser\":\"\",\"buildDate\":\"\""
                  + ",\"goVersion\":\"\",\"raftTsdbVersion\":");
          json.string(own == null ? "unknown" : own);
          json.raw("}");
        },
        Remarks.NONE);
  }

  private HttpReply exemplars(HttpRequest request) {
    var _ = engine.parse(new ReadParameters(request).text("query"));
    return fixed("[]");
  }

  private static HttpReply fixed(String data) {
    return ApiReply.success(json -> json.raw(data), Remarks.NONE);
  }
}
