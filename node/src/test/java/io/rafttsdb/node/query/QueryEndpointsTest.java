package io.rafttsdb.node.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.model.Labels;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Answers of the whole read API, byte for byte, by GET and by POST. */
class QueryEndpointsTest {
  private ReadServer server = open();

  private static ReadServer open() {
    try {
      return new ReadServer();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @BeforeEach
  void fill() {
    server.store(Labels.of("__name__", "up", "job", "api", "host", "a"), 1, 1, 0, 1, 1);
    server.store(
        Labels.of("__name__", "up", "job", "db", "host", "b\"\n\u00fc"), 0, 0, 0, 1e-7, 1e21);
    server.store(Labels.of("__name__", "requests_total", "job", "api"), 0, 15, 30, 45, 60);
  }

  @AfterEach
  void close() {
    server.close();
  }

  private static String success(String data) {
    return "{\"status\":\"success\",\"data\":" + data + "}";
  }

  private static String error(String type, String message) {
    return "{\"status\":\"error\",\"errorType\":\"" + type + "\",\"error\":\"" + message + "\"}";
  }

  private static Arguments answer(String path, String parameters, String data) {
    return Arguments.of(path, List.of(parameters.split("&")), 200, success(data));
  }

  private static Arguments truncated(String path, String parameters, String data) {
    String body = success(data + ",\"warnings\":[\"results truncated due to limit\"]");
    return Arguments.of(path, List.of(parameters.split("&")), 200, body);
  }

  private static Arguments badData(String path, String parameters, String message) {
    return Arguments.of(path, List.of(parameters.split("&")), 400, error("bad_data", message));
  }

  static Stream<Arguments> answers() {
    return Stream.of(
        answer(
            "query",
            "query=up{job=\"api\"}",
            "{\"resultType\":\"vector\",\"result\":[{\"metric\":{\"__name__\":\"up\",\"host\":\"a\","
                + "\"job\":\"api\"},\"value\":[1700000000,\"1\"]}]}"),
        answer(
            "query",
            "query=up{job=\"db\"}&time=1700000000.05",
            "{\"resultType\":\"vector\",\"result\":[{\"metric\":{\"__name__\":\"up\","
                + "\"host\":\"b\\\"\\n\u00fc\",\"job\":\"db\"},"
                + "\"value\":[1700000000.050,\"1e+21\"]}]}"),
        answer(
            "query",
            "query=up{job=\"db\"}[31s]&time=2023-11-14T22:13:20Z",
            "{\"resultType\":\"matrix\",\"result\":[{\"metric\":{\"__name__\":\"up\","
                + "\"host\":\"b\\\"\\n\u00fc\",\"job\":\"db\"},\"values\":[[1699999970,\"0\"],"
                + "[1699999985,\"1e-07\"],[1700000000,\"1e+21\"]]}]}"),
        answer(
            "query",
            "query=1e21&time=0.05",
            "{\"resultType\":\"scalar\",\"result\":[0.05,\"1000000000000000000000\"]}"),
        answer(
            "query", "query=\"a<b\"&time=1", "{\"resultType\":\"string\",\"result\":[1,\"a<b\"]}"),
        answer("query", "query=nothing", "{\"resultType\":\"vector\",\"result\":[]}"),
        answer(
            "query",
            "query=up{job=\"api\"}&time=1700000000&lookback_delta=1s&timeout=5s",
            "{\"resultType\":\"vector\",\"result\":[{\"metric\":{\"__name__\":\"up\",\"host\":\"a\","
                + "\"job\":\"api\"},\"value\":[1700000000,\"1\"]}]}"),
        answer(
            "query",
            "query=up{job=\"api\"}&time=1700000001&lookback_delta=1s",
            "{\"resultType\":\"vector\",\"result\":[]}"),
        answer(
            "query_range",
            "query=rate(requests_total[30s])&start=1699999985&end=1700000000&step=15s",
            "{\"resultType\":\"matrix\",\"result\":[{\"metric\":{\"job\":\"api\"},"
                + "\"values\":[[1699999985,\"1\"],[1700000000,\"1\"]]}]}"),
        answer(
            "query_range",
            "query=1&start=0.5&end=1&step=0.25",
            "{\"resultType\":\"matrix\",\"result\":[{\"metric\":{},\"values\":"
                + "[[0.500,\"1\"],[0.750,\"1\"],[1,\"1\"]]}]}"),
        truncated(
            "query_range",
            "query=up&start=1700000000&end=1700000000&step=1&limit=1",
            "{\"resultType\":\"matrix\",\"result\":[{\"metric\":{\"__name__\":\"up\",\"host\":\"a\","
                + "\"job\":\"api\"},\"values\":[[1700000000,\"1\"]]}]}"),
        answer("format_query", "query=sum  by(job)(up )", "\"sum by (job) (up)\""),
        answer(
            "series",
            "match[]=up{job=\"api\"}&match[]=requests_total&match[]={host=\"a\"}",
            "[{\"__name__\":\"requests_total\",\"job\":\"api\"},"
                + "{\"__name__\":\"up\",\"host\":\"a\",\"job\":\"api\"}]"),
        truncated(
            "series",
            "match[]={job=\"api\"}&limit=1",
            "[{\"__name__\":\"requests_total\",\"job\":\"api\"}]"),
        answer("series", "match[]=up&start=1700000001", "[]"),
        answer("series", "match[]=up&start=2&end=1", "[]"),
        answer("labels", "", "[\"__name__\",\"host\",\"job\"]"),
        answer("labels", "match[]=requests_total", "[\"__name__\",\"job\"]"),
        truncated("labels", "limit=2", "[\"__name__\",\"host\"]"),
        answer("query_exemplars", "query=up&start=1&end=2", "[]"));
  }

  static Stream<Arguments> refusals() {
    return Stream.of(
        badData(
            "query",
            "query=",
            "invalid parameter \\\"query\\\": 1:1: parse error: no expression found in input"),
        badData(
            "query",
            "query=up&time=x",
            "invalid parameter \\\"time\\\": invalid time value for 'time': cannot parse \\\"x\\\" to a"
                + " valid timestamp"),
        badData(
            "query",
            "query=up&timeout=x",
            "invalid parameter \\\"timeout\\\": cannot parse \\\"x\\\" to a valid duration"),
        badData(
            "query",
            "query=up&limit=-1",
            "invalid parameter \\\"limit\\\": limit must be non-negative"),
        badData(
            "query",
            "query=up&limit=x",
            "invalid parameter \\\"limit\\\": expected a whole number, got \\\"x\\\""),
        badData(
            "query",
            "query=up&lookback_delta=x",
            "error parsing lookback delta duration: cannot parse \\\"x\\\" to a valid duration"),
        badData(
            "query",
            "query=up&consistency=fresh",
            "invalid parameter \\\"consistency\\\": expected linearizable, leader or stale, got \\\"fresh\\\""),
        badData(
            "query_range",
            "query=up&end=1&step=1",
            "invalid parameter \\\"start\\\": cannot parse \\\"\\\" to a valid timestamp"),
        badData(
            "query_range",
            "query=up&start=1&end=NaN&step=1",
            "invalid parameter \\\"end\\\": cannot parse \\\"NaN\\\" to a valid timestamp"),
        badData(
            "query_range",
            "query=up&start=2&end=1&step=1",
            "invalid parameter \\\"end\\\": end timestamp must not be before start time"),
        badData(
            "query_range",
            "query=up&start=1&end=2&step=0",
            "invalid parameter \\\"step\\\": zero or negative query resolution step widths are not"
                + " accepted. Try a positive integer"),
        badData(
            "query_range",
            "query=up&start=1&end=2&step=0.0001",
            "invalid parameter \\\"step\\\": expected at least 1ms, got 100000ns"),
        badData(
            "query_range",
            "query=up&start=1&end=2",
            "invalid parameter \\\"step\\\": cannot parse \\\"\\\" to a valid duration"),
        badData(
            "query_range",
            "query=up&start=1&end=11002&step=1",
            "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query"
                + " resolution (?step=XX)"),
        badData(
            "query_range",
            "query=up[5m]&start=1&end=2&step=1",
            "invalid parameter \\\"query\\\": invalid expression type \\\"range vector\\\" for range"
                + " query, must be Scalar or instant Vector"),
        badData("series", "", "no match[] parameter provided"),
        badData(
            "series",
            "match[]={job=~\".*\"}",
            "invalid parameter \\\"match[]\\\": 1:1: parse error: vector selector must contain at"
                + " least one non-empty matcher"),
        badData(
            "labels",
            "match[]=rate(up[5m])",
            "invalid parameter \\\"match[]\\\": expected a series selector such as"
                + " up{job=\\\"node\\\"}, got rate(up[5m])"),
        badData(
            "labels",
            "start=x",
            "invalid parameter \\\"start\\\": invalid time value for 'start': cannot parse \\\"x\\\" to"
                + " a valid timestamp"),
        Arguments.of(
            "query",
            List.of("query=up{job=\"api\"} + on() {job=\"api\"}"),
            422,
            error(
                "execution",
                "found duplicate series for the match group {} on the right hand-side of the"
                    + " operation: [{__name__=\\\"up\\\", host=\\\"a\\\", job=\\\"api\\\"},"
                    + " {__name__=\\\"requests_total\\\", job=\\\"api\\\"}];many-to-many matching not"
                    + " allowed: matching labels must be unique on one side")),
        Arguments.of(
            "query",
            List.of("query=up", "timeout=0"),
            503,
            error("timeout", "query timed out in expression evaluation")));
  }

  @ParameterizedTest
  @MethodSource({"answers", "refusals"})
  void answersAsPrometheusDoesByBothMethods(
      String path, List<String> parameters, int status, String body) throws Exception {
    String[] sent = parameters.stream().filter(p -> !p.isEmpty()).toArray(String[]::new);
    for (HttpResponse<String> answer : List.of(server.get(path, sent), server.post(path, sent))) {
      assertThat(answer.body()).isEqualTo(body);
      assertThat(answer.statusCode()).isEqualTo(status);
      assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
    }
  }

  @Test
  void labelValuesAreAskedByPath() throws Exception {
    assertThat(server.get("label/__name__/values").body())
        .isEqualTo(success("[\"requests_total\",\"up\"]"));
    assertThat(server.get("label/host/values", "match[]=up{job=\"api\"}").body())
        .isEqualTo(success("[\"a\"]"));
    assertThat(server.get("label/U__job/values").body()).isEqualTo(success("[\"api\",\"db\"]"));
    assertThat(server.get("label/nothing/values").body()).isEqualTo(success("[]"));
    assertThat(server.post("label/job/values").statusCode()).isEqualTo(405);
  }

  @Test
  void grafanaFindsAPrometheusWithoutRules() throws Exception {
    assertThat(server.get("status/buildinfo").body())
        .startsWith("{\"status\":\"success\",\"data\":{\"version\":\"3.");
    assertThat(server.get("metadata", "limit=1").body()).isEqualTo(success("{}"));
    assertThat(server.get("rules").body()).isEqualTo(success("{\"groups\":[]}"));
    assertThat(server.get("alerts").body()).isEqualTo(success("{\"alerts\":[]}"));
  }

  @Test
  void whatAPrometheusWithoutTargetsAnswersIsAnswered() throws Exception {
    assertThat(server.get("targets").body())
        .isEqualTo(
            success("{\"activeTargets\":[],\"droppedTargets\":[],\"droppedTargetCounts\":{}}"));
    assertThat(server.get("targets/metadata").body()).isEqualTo(success("[]"));
    assertThat(server.get("scrape_pools").body()).isEqualTo(success("{\"scrapePools\":[]}"));
    assertThat(server.get("alertmanagers").body())
        .isEqualTo(success("{\"activeAlertmanagers\":[],\"droppedAlertmanagers\":[]}"));
    assertThat(server.get("notifications").body()).isEqualTo(success("[]"));
    assertThat(server.get("status/walreplay").body())
        .isEqualTo(success("{\"min\":0,\"max\":0,\"current\":0}"));
  }

  @Test
  void theSyntaxTreeIsInPrometheusForm() throws Exception {
    assertThat(server.get("parse_query", "query=sum without() (x offset -5m)").body())
        .isEqualTo(
            success(
                "{\"expr\":{\"matchers\":[{\"name\":\"__name__\",\"type\":\"=\",\"value\":\"x\"}],"
                    + "\"name\":\"x\",\"offset\":-300000,\"startOrEnd\":null,\"timestamp\":null,"
                    + "\"type\":\"vectorSelector\"},\"grouping\":[],\"op\":\"sum\",\"param\":null,"
                    + "\"type\":\"aggregation\",\"without\":true}"));
    assertThat(server.get("parse_query", "query=1+").statusCode()).isEqualTo(400);
  }

  @Test
  void everyReadTellsTheStateThatItSaw() throws Exception {
    String index = Long.toString(server.index());
    for (HttpResponse<String> answer :
        List.of(
            server.get("query", "query=up"),
            server.get("query", "query=1"),
            server.get("query_range", "query=up", "start=1", "end=2", "step=1"),
            server.get("series", "match[]=up"),
            server.get("labels", "consistency=stale"),
            server.get("label/job/values"))) {
      assertThat(answer.headers().firstValue("X-Raft-Tsdb-Index")).hasValue(index);
    }
  }

  @Test
  void elevenThousandStepsAreAllowed() throws Exception {
    HttpResponse<String> answer =
        server.get("query_range", "query=1", "start=0", "end=11000", "step=1");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).endsWith("[11000,\"1\"]]}]}}");
  }
}
