package io.rafttsdb.jepsen;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.client.Consistency;
import io.rafttsdb.client.RaftTsdbClient;
import io.rafttsdb.client.RemoteWriteRequest;
import io.rafttsdb.client.TimeSeries;
import io.rafttsdb.client.WriteOutcome;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * How a cluster comes into being, ends and comes back; an empty disk is never taken for a voter's.
 */
class LifeCycleTest {

  private static final Duration SHORT = Duration.ofSeconds(3);
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final long SEED = 90_125;

  @RegisterExtension final Workshop workshop = new Workshop();

  @Test
  void noWriteIsTakenBeforeEveryMemberHasAnsweredOnce() throws Exception {
    Cluster cluster = workshop.cluster(3);
    cluster.node(1).start();
    cluster.node(2).start();
    cluster.node(1).awaitNotReady("node3");
    cluster.node(2).awaitNotReady("");
    try (RaftTsdbClient client = cluster.client()) {
      assertThat(client.write(oneSample(), SHORT)).isInstanceOf(WriteOutcome.Unknown.class);

      cluster.node(3).start();
      cluster.nodes().forEach(NodeProcess::awaitReady);
      assertThat(client.write(oneSample(), LONG)).isEqualTo(new WriteOutcome.Acknowledged());
    }
  }

  @Test
  void aWipedNodeComesBackAsAStrangerAndDoesNotVote() throws Exception {
    Cluster cluster = workshop.cluster(3).start();
    RemoteWriteRequest request = oneSample();
    try (RaftTsdbClient client = cluster.client()) {
      assertThat(client.write(request, LONG)).isEqualTo(new WriteOutcome.Acknowledged());
      NodeProcess wiped = cluster.node(3);
      NodeProcess down = cluster.node(2);
      wiped.kill();
      down.kill();
      Workshop.delete(wiped.data());
      wiped.start();
      wiped.awaitNotReady("");

      assertThat(client.write(oneSample(), SHORT)).isInstanceOf(WriteOutcome.Unknown.class);
      // It steps down when nobody has answered for an election time-out, not at once.
      Awaitility.await("node1 leads no more").atMost(LONG).until(() -> !cluster.node(1).isLeader());

      down.start();
      down.awaitReady();
      assertThat(client.write(oneSample(), LONG)).isEqualTo(new WriteOutcome.Acknowledged());
      wiped.awaitNotReady("");
      assertThat(wiped.isRunning()).isTrue();
    }
  }

  @Test
  void aCleanEndLosesNothingAndTheSameDataIsThereAfterwards() throws Exception {
    Cluster cluster = workshop.cluster(3).start();
    Ledger ledger;
    try (WriteLoad load = WriteLoad.start(cluster, 2, 20, SEED)) {
      load.awaitAcknowledged(100);
      ledger = load.stop();
    }
    List<TimeSeries> before = Stored.read(cluster.node(1), ".+", Consistency.LINEARIZABLE).series();
    for (NodeProcess node : cluster.nodes()) {
      assertThat(node.terminate()).as("exit code of %s", node.describe()).isZero();
    }

    cluster.start();
    Stored.assertHolds(cluster.nodes(), ledger);
    for (NodeProcess node : cluster.nodes()) {
      assertThat(Stored.read(node, ".+", Consistency.STALE).series()).isEqualTo(before);
    }
  }

  private static RemoteWriteRequest oneSample() {
    return RemoteWriteRequest.of(
        List.of(
            TimeSeries.of(
                Map.of(TimeSeries.METRIC_NAME, "life"), InstantSource.system().millis(), 1)));
  }
}
