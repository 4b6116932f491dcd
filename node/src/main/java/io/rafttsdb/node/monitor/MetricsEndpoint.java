package io.rafttsdb.node.monitor;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rafttsdb.node.http.HttpReply;
import io.rafttsdb.node.http.Router;

/** {@code GET /metrics}. */
public final class MetricsEndpoint {

  private final NodeMetrics metrics;

  public MetricsEndpoint(NodeMetrics metrics) {
    this.metrics = metrics;
  }

  public void register(Router.Builder router) {
    router.get("/metrics", request -> metrics());
  }

  private HttpReply metrics() {
    byte[] text = TextFormat.print(metrics.collect()).getBytes(UTF_8);
    return HttpReply.of(200, TextFormat.CONTENT_TYPE, text);
  }
}
