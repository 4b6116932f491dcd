package io.rafttsdb.node.clock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rafttsdb.client.WriteOutcome;
import io.rafttsdb.node.NodesInProcess;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes in this process, with clocks that the test sets. */
final class ClockTest {

  private static final Duration HOUR = Duration.ofHours(1);

  @TempDir Path directory;

  @Test
  void aLeaderWhoseClockJumpsHandsOverAndJudgesNoSampleByIt() throws Exception {
    try (NodesInProcess nodes = new NodesInProcess(directory, 3, "")) {
      nodes.startAll();
      int first = nodes.leader();
      int other = (first + 1) % 3;
      awaitClock(nodes, first, "fit");
      long now = System.currentTimeMillis();
      assertThat(nodes.write(other, "w", now, 1, NodesInProcess.LIMIT)).isEqualTo(stored());

      nodes.setClock(first, HOUR);
      // In bounds by the clock that jumped, and by no other: never stored, told at once or later.
      WriteOutcome far = nodes.write(first, "w", now + HOUR.toMillis(), 2, Duration.ofMillis(500));
      assertThat(far).isNotEqualTo(stored());
      await()
          .atMost(NodesInProcess.LIMIT)
          .until(() -> nodes.leader() >= 0 && nodes.leader() != first);
      assertThat(nodes.write(first, "w", now + 1, 3, NodesInProcess.LIMIT)).isEqualTo(stored());
      assertThat(nodes.write(first, "w", now + HOUR.toMillis(), 2, NodesInProcess.LIMIT).toString())
          .contains("out of bounds");
      awaitClock(nodes, first, "unfit");
      assertThat(nodes.get(first, "/metrics").body()).contains("raft_tsdb_clock_fit 0");
      assertThat(nodes.get(other, "/metrics").body()).contains("raft_tsdb_clock_fit 1");
      assertThat(nodes.get(other, "/api/v1/query?query=count_over_time(w[3h])").body())
          .contains("\"2\"]");

      nodes.setClock(first, Duration.ZERO);
      awaitClock(nodes, first, "fit");
    }
  }

  @Test
  void oneOfTwoWhoseClocksDifferTakesNothing() throws Exception {
    try (NodesInProcess nodes = new NodesInProcess(directory, 2, "")) {
      nodes.startAll();
      int leader = nodes.leader();
      awaitClock(nodes, leader, "fit");
      nodes.setClock(1 - leader, HOUR.negated());
      awaitClock(nodes, leader, "disputed");
      long now = System.currentTimeMillis();
      assertThat(nodes.write(leader, "w", now, 1, Duration.ofMillis(300)).toString())
          .contains("in doubt of its clock");
      nodes.setClock(1 - leader, Duration.ZERO);
      awaitClock(nodes, leader, "fit");
      assertThat(nodes.write(leader, "w", now, 1, NodesInProcess.LIMIT)).isEqualTo(stored());
    }
  }

  private static void awaitClock(NodesInProcess nodes, int node, String verdict) {
    await()
        .atMost(NodesInProcess.LIMIT)
        .until(() ->
            nodes
                .get(node, "/api/v1/cluster/status")
                .body()
                .contains("\"clock\" : \"" + verdict + "\""));
  }

  private static WriteOutcome stored() {
    return new WriteOutcome.Acknowledged();
  }
}
