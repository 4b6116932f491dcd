package io.rafttsdb.node.query;

import io.rafttsdb.node.http.HttpReply;
import io.rafttsdb.node.http.HttpRequest;
import io.rafttsdb.node.http.Router;
import io.rafttsdb.node.query.ApiReply.Remarks;
import io.rafttsdb.promql.PromQl;
import io.rafttsdb.promql.ast.Quoting;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Matcher;
import io.rafttsdb.storage.model.Selection;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** {@code series}, {@code labels} and the values of a label. */
final class LookupEndpoints {
  private final PromQl engine;
  private final ReadGate gate;
  private final Duration timeout;

  LookupEndpoints(PromQl engine, ReadGate gate, Duration timeout) {
    this.engine = engine;
    this.gate = gate;
    this.timeout = timeout;
  }

  void register(Router.Builder router) {
    router
        .getOrPost("/api/v1/series", ApiFunction.handler(this::series))
        .getOrPost("/api/v1/labels", ApiFunction.handler(this::labels))
        .get("/api/v1/label/{name}/values", ApiFunction.handler(this::values));
  }

  /** Finds in a storage what is asked for, sorted. */
  @FunctionalInterface
  private interface Lookup<T> {
    List<T> in(Storages storage, List<Selection> selections);
  }

  /** Writes what was found as a JSON array. */
  @FunctionalInterface
  private interface ArrayWriter<T> {
    void write(JsonOutput json, List<T> found) throws IOException;
  }

  private HttpReply series(HttpRequest request) throws ApiError, InterruptedException {
    if (request.parameterValues("match[]").isEmpty()) {
      throw new ApiError(ApiError.Type.BAD_DATA, "no match[] parameter provided");
    }
    return answer(request, Storages::series, LookupEndpoints::writeSeries);
  }

  private HttpReply labels(HttpRequest request) throws ApiError, InterruptedException {
    return answer(request, Storages::labelNames, JsonOutput::strings);
  }

  private HttpReply values(HttpRequest request) throws ApiError, InterruptedException {
    String name = EscapedName.decode(request.segment("name"));
    if (!EscapedName.isUnicode(name)) {
      throw new ApiError(ApiError.Type.BAD_DATA, "invalid label name: " + Quoting.quote(name));
    }
    return answer(
        request,
        (storage, selections) -> storage.labelValues(name, selections),
        JsonOutput::strings);
  }

  private <T> HttpReply answer(HttpRequest request, Lookup<T> lookup, ArrayWriter<T> writer)
      throws ApiError, InterruptedException {
    ReadParameters parameters = new ReadParameters(request);
    int limit = parameters.limit();
    long startMs = parameters.timeMs("start", Long.MIN_VALUE);
    long endMs = parameters.timeMs("end", Long.MAX_VALUE);
    List<List<Matcher>> matcherSets = parameters.matcherSets(engine);
    OpenedRead opened = gate.open(parameters.demand(), timeout);
    Storages storage = opened.storage();
    // The states that the lookup sees are these or later ones.
    List<Long> indexes = storage.publishedIndexes();
    List<T> found =
        startMs > endMs ? List.of() : lookup.in(storage, selections(matcherSets, startMs, endMs));
    boolean truncated = limit > 0 && found.size() > limit;
    List<T> sent = truncated ? found.subList(0, limit) : found;
    return opened.mark(
        ApiReply.success(json -> writer.write(json, sent), Remarks.truncated(truncated)), indexes);
  }

  private static List<Selection> selections(
      List<List<Matcher>> matcherSets, long startMs, long endMs) {
    if (matcherSets.isEmpty()) {
      return List.of(new Selection(List.of(), startMs, endMs));
    }
    return matcherSets.stream().map(set -> new Selection(set, startMs, endMs)).toList();
  }

  private static void writeSeries(JsonOutput json, List<Labels> series) throws IOException {
    json.raw("[");
    for (int i = 0; i < series.size(); i++) {
      if (i > 0) {
        json.raw(",");
      }
      json.labels(series.get(i));
    }
    json.raw("]");
  }
}
