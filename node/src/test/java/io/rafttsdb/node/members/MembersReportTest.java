package io.rafttsdb.node.members;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.node.members.MembersReport.Line;
import io.rafttsdb.replica.Member;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MembersReportTest {

  @Test
  void whatIsToldIsReadBack() throws Exception {
    Member one = new Member("node1", "a1", "h1:10090", "h1:9090");
    Member two = new Member("node2", "a2", "[::1]:10090", "[::1]:9090");
    MembersReport report =
        new MembersReport(
            "0f8fad5b-d9cb-469f-a165-70867728950e",
            12,
            false,
            "adding node2: \"it\" starts",
            List.of(
                new Line(one, "voter", true, 20, 20, 0, 0),
                new Line(two, "listener", false, -1, -1, -1, 812)));

    byte[] json = report.toJson();

    assertThat(MembersReport.parse(json)).isEqualTo(report);
    assertThat(new String(json, UTF_8)).contains("\"appliedIndex\" : null");
    assertThat(report.contains("node2-a2")).isTrue();
    assertThat(report.contains("node2-a3")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "{\"clusterId\":\"x\",\"index\":\"seven\",\"settled\":true,\"change\":\"\"}",
        "{\"clusterId\":\"x\",\"index\":7,\"settled\":true,\"change\":\"\",\"members\":[{}]}",
        "{\"clusterId\":\"x\",\"index\":7,\"settled\":true,\"members\":[]}"
      })
  void anythingElseIsAnErrorOfTheAnswer(String json) {
    assertThatThrownBy(() -> MembersReport.parse(json.getBytes(UTF_8)))
        .isInstanceOf(IOException.class);
  }
}
