package io.rafttsdb.node.query;

import io.rafttsdb.node.http.HttpReply;
import io.rafttsdb.node.http.HttpRequest;
import io.rafttsdb.node.http.Router;
import io.rafttsdb.node.query.ApiReply.Remarks;
import io.rafttsdb.promql.PromQl;

/**
 * What Grafana and the like ask, and whose true answer is always the same: this node scrapes
 * nothing, evaluates no rules, has no Alertmanager, stores no exemplars and no metadata, and
 * answers once its log is read.
 */
final class FixedAnswers {

  /** The Prometheus whose API this one is like; clients choose by it how they ask. */
  private static final String PROMETHEUS_VERSION = "3.5.0";

  private static final String NO_TARGETS =
      "{\"activeTargets\":[],\"droppedTargets\":[],\"droppedTargetCounts\":{}}";
  private static final String NO_ALERTMANAGERS =
      "{\"activeAlertmanagers\":[],\"droppedAlertmanagers\":[]}";
  private static final String LOG_IS_READ = "{\"min\":0,\"max\":0,\"current\":0}";

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
        .get("/api/v1/targets", ApiFunction.handler(request -> fixed(NO_TARGETS)))
        .get("/api/v1/targets/metadata", ApiFunction.handler(request -> fixed("[]")))
        .get("/api/v1/scrape_pools", ApiFunction.handler(request -> fixed("{\"scrapePools\":[]}")))
        .get("/api/v1/alertmanagers", ApiFunction.handler(request -> fixed(NO_ALERTMANAGERS)))
        .get("/api/v1/notifications", ApiFunction.handler(request -> fixed("[]")))
        .get("/api/v1/status/walreplay", ApiFunction.handler(request -> fixed(LOG_IS_READ)))
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
