package io.rafttsdb.node.monitor;

import io.rafttsdb.node.http.HttpListener;
import java.util.concurrent.TimeUnit;

/** Counts and times what the HTTP server answers, by the route that matched. */
public final class HttpMetrics implements HttpListener {

  private final Instruments instruments;

  public HttpMetrics(Instruments instruments) {
    this.instruments = instruments;
  }

  @Override
  public void answered(Exchange exchange) {
    instruments
        .counter(
            "raft_tsdb_http_requests_total",
            "HTTP requests answered.",
            "handler",
            exchange.route(),
            "method",
            exchange.method(),
            "code",
            Integer.toString(exchange.status()))
        .inc();
    instruments
        .counter(
            "raft_tsdb_http_request_bytes_total",
            "Bytes of the bodies of HTTP requests.",
            "handler",
            exchange.route())
        .inc(exchange.requestBytes());
    instruments
        .timer(
            "raft_tsdb_http_request_duration_seconds",
            "Time from a request's last byte to its answer's.",
            "handler",
            exchange.route())
        .update(exchange.nanos(), TimeUnit.NANOSECONDS);
  }
}
