package io.rafttsdb.replica;

import static io.rafttsdb.replica.TestCluster.append;
import static io.rafttsdb.replica.TestCluster.batch;
import static io.rafttsdb.replica.TestCluster.samples;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.rafttsdb.replica.ReplicaFailure.TooLarge;
import io.rafttsdb.replica.disk.DirectoryInUse;
import io.rafttsdb.storage.model.AppendResult;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleBatch;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three replicas, and what must not bring them down or apart. */
class ClusterTest {
  @TempDir Path root;
  private TestCluster cluster;

  @BeforeEach
  void makeCluster() throws Exception {
    cluster = new TestCluster(root, 3);
  }

  @AfterEach
  void close() throws Exception {
    cluster.close();
  }

  private @Nullable ReplicaFailure submit(byte[] entry) throws Exception {
    CompletableFuture<@Nullable ReplicaFailure> answer = new CompletableFuture<>();
    cluster.leader().gate().submit(RaftEntry.ofBytes(entry), answer::complete);
    return answer.get(30, TimeUnit.SECONDS);
  }

  private static double metric(ShardReplica replica, String name) {
    return replica.metrics().stream()
        .filter(metric -> metric.name().equals(name))
        .findFirst()
        .orElseThrow()
        .value()
        .getAsDouble();
  }

  @Test
  void undecodableEntriesStopNobody() throws Exception {
    cluster.startAll().awaitReady();
    int leader = cluster.leaderIndex();
    assertThat(submit(new byte[] {1, 1, 100, 5, 6})).isNull();
    assertThat(submit(new byte[0])).isNull();
    cluster.write(batch("a", 0, 1));
    cluster.assertEqualStates();
    assertThat(cluster.running())
        .allSatisfy(r -> assertThat(metric(r, "raft_entries_malformed_total")).isEqualTo(2));
    assertThat(cluster.leaderIndex()).isEqualTo(leader);

    cluster.stop(leader); // and a restart passes them again
    cluster.start(leader).awaitReadable(TestCluster.PATIENCE);
    assertThat(samples(cluster.replica(leader))).isEqualTo(1);
    assertThat(cluster.failures).isEmpty();
  }

  @Test
  void anEntryOfANewerVersionStopsWhoeverAppliesIt() throws Exception {
    cluster.startAll().awaitReady();
    ShardReplica leader = cluster.leader();
    leader.gate().submit(RaftEntry.ofBytes(new byte[] {7, 1}), failure -> {});
    // The third may not learn any more that the entry is committed.
    await().atMost(TestCluster.PATIENCE).until(() -> cluster.failures.size() >= 2);
    assertThat(cluster.failures).allSatisfy(f -> assertThat(f).contains("upgrade this node"));
    assertThat(leader.status().ready()).isFalse();
  }

  @Test
  void aRequestThatIsTooLongDeposesNobodyAndTheLongestIsStored() throws Exception {
    cluster.startAll().awaitReady();
    ShardReplica leader = cluster.leader();
    long term = leader.status().term();
    assertThatThrownBy(() -> append(leader, wide(523_900)).get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(TooLarge.class);
    assertThat(append(leader, wide(523_700)).get(60, TimeUnit.SECONDS))
        .isEqualTo(new AppendResult.Judged(523_700, 0, 0, List.of()));
    cluster.assertEqualStates();
    assertThat(leader.status().term()).isEqualTo(term);
    assertThat(leader.status().role()).isEqualTo(ReplicaStatus.Role.LEADER);
    assertThat(cluster.failures).isEmpty();
  }

  private static SampleBatch wide(int samples) {
    SampleBatch.Builder batch = new SampleBatch.Builder();
    batch.series(Labels.of("__name__", "wide"));
    for (int i = 0; i < samples; i++) {
      batch.sample(TestCluster.START_MS + i, i);
    }
    return batch.build();
  }

  @Test
  void requestsInOneEntryKeepTheirResultsApart() throws Exception {
    cluster.startAll().awaitReady();
    ShardReplica leader = cluster.leader();
    List<CompletableFuture<AppendResult>> results = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      results.add(append(leader, batch("a", i, i)));
      results.add(append(leader, batch("a", i, i)));
      results.add(append(leader, batch("a", i, i + 1)));
      results.add(append(leader, new SampleBatch.Builder().series(1_000_000).sample(1, 1).build()));
    }
    for (int i = 0; i < results.size(); i += 4) {
      assertThat(results.get(i).get(60, TimeUnit.SECONDS))
          .isEqualTo(new AppendResult.Judged(1, 0, 0, List.of()));
      assertThat(results.get(i + 1).get(60, TimeUnit.SECONDS))
          .isEqualTo(new AppendResult.Judged(0, 1, 0, List.of()));
      assertThat(results.get(i + 2).get(60, TimeUnit.SECONDS))
          .isInstanceOfSatisfying(
              AppendResult.Judged.class, judged -> assertThat(judged.refusedCount()).isOne());
      assertThat(results.get(i + 3).get(60, TimeUnit.SECONDS))
          .isEqualTo(new AppendResult.UnknownRef(1_000_000));
    }
    assertThat(metric(leader, "raft_requests_submitted_total")).isEqualTo(800);
    assertThat(metric(leader, "raft_entries_submitted_total")).isLessThan(800);
    assertThat(metric(leader, "raft_fsyncs_total")).isPositive();
    cluster.assertEqualStates();
    assertThat(cluster.failures).isEmpty();
  }

  @Test
  void aFollowerFarBehindReceivesASnapshot() throws Exception {
    cluster.limits = SnapshotTest.smallLimits();
    cluster.startAll().awaitReady();
    int behind = (cluster.leaderIndex() + 1) % 3;
    cluster.write(batch("a", 0, 0));
    cluster.stop(behind);
    int[] written = {1};
    await()
        .atMost(TestCluster.PATIENCE)
        .until(() -> {
          for (int i = 0; i < 20; i++, written[0]++) {
            cluster.write(batch("a", written[0], i));
          }
          return cluster.running().stream()
              .allMatch(r -> r.gate().division().getRaftLog().getStartIndex() > 40);
        });
    ShardReplica back = cluster.start(behind);
    back.awaitReadable(TestCluster.PATIENCE);
    assertThat(metric(back, "snapshots_installed_total")).isEqualTo(1);
    assertThat(samples(back)).isEqualTo(written[0]);
    cluster.write(batch("b", 0, 0));
    cluster.assertEqualStates();

    cluster.stop(behind); // what was received outlives a restart
    cluster.start(behind).awaitReadable(TestCluster.PATIENCE);
    cluster.assertEqualStates();
    assertThat(cluster.failures).isEmpty();
  }

  @Test
  void aLogThatCannotBeWrittenEndsTheNode() throws Exception {
    cluster.startAll().awaitReady();
    ShardReplica leader = cluster.leader();
    leader
        .gate()
        .division()
        .getStateMachine()
        .event()
        .notifyLogFailed(new IOException("no space left on device"), null);
    assertThat(cluster.failures)
        .singleElement()
        .satisfies(failure -> assertThat(failure).contains("no space left on device"));
    assertThat(leader.status().logFailed()).isTrue();
    assertThat(leader.status().reason()).isEqualTo("the log can't be written");
  }

  @Test
  void aDivisionThatClosesByItselfEndsTheNode() throws Exception {
    cluster.startAll().awaitReady();
    cluster.leader().gate().division().close();
    await().atMost(TestCluster.PATIENCE).until(() -> !cluster.failures.isEmpty());
    assertThat(cluster.failures)
        .singleElement()
        .satisfies(failure -> assertThat(failure).contains("stopped by itself"));
  }

  @Test
  void aDirectoryHasOneReplica() throws Exception {
    cluster.start(0);
    assertThatThrownBy(() -> cluster.start(0)).isInstanceOf(DirectoryInUse.class);
  }

  @Test
  void aTakenPortIsAnErrorAndNotTheEndOfTheProcess() throws Exception {
    ReplicaConfig first = cluster.config(0);
    try (ServerSocket taken =
        new ServerSocket(first.listenPort(), 1, InetAddress.ofLiteral(first.listenHost()))) {
      assertThat(taken.isBound()).isTrue();
      assertThatThrownBy(() -> cluster.start(0))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("can't listen on " + first.listenAddress());
    }
    cluster.start(0);
  }

  @Test
  void theLogListensOnItsAddressAlone() throws Exception {
    cluster.start(0);
    int port = cluster.config(0).listenPort();
    try (Socket socket = new Socket(InetAddress.ofLiteral(TestCluster.HOST), port)) {
      assertThat(socket.isConnected()).isTrue();
    }
    InetAddress other = InetAddress.ofLiteral("127.0.0.99");
    assertThatThrownBy(() -> new Socket(other, port).close()).isInstanceOf(IOException.class);
  }
}
