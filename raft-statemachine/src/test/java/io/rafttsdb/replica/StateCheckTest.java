package io.rafttsdb.replica;

import static io.rafttsdb.replica.TestCluster.batch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.rafttsdb.storage.model.AppendResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replicas that compare their states; some get a sample that the log does not have. */
class StateCheckTest {
  @TempDir private Path root;

  private TestCluster cluster;
  private int written;

  @BeforeEach
  void start() throws Exception {
    cluster = new TestCluster(root, 3);
    cluster.limits =
        SnapshotTest.smallLimits()
            .withSnapshots(2000, Duration.ofDays(1))
            .withCheckInterval(Duration.ofSeconds(3));
    cluster.startAll().awaitReady();
    write(20);
  }

  private void write(int count) {
    for (int end = written + count; written < end; written++) {
      cluster.write(batch("a", written, written));
    }
  }

  /** As though memory had lied: this replica alone gets a sample. */
  private void diverge(int node, String series) {
    assertThat(cluster.replica(node).storage().append(batch(series, 0, 1)))
        .isInstanceOf(AppendResult.Judged.class);
    write(1);
  }

  private static double metric(ShardReplica replica, String name) {
    return replica.metrics().stream()
        .filter(metric -> metric.name().equals(name))
        .findFirst()
        .orElseThrow()
        .value()
        .getAsDouble();
  }

  private void awaitAgreed() {
    long index = cluster.leader().storage().publishedIndex();
    write(1);
    await()
        .atMost(TestCluster.PATIENCE)
        .untilAsserted(() ->
            assertThat(cluster.running())
                .allSatisfy(each -> assertThat(each.agreedIndex()).isGreaterThan(index)));
  }

  /** What a node does that runs a replica. */
  private void awaitReplacedAndRestart(int node) throws Exception {
    ShardReplica wrong = cluster.replica(node);
    await().atMost(TestCluster.PATIENCE).until(wrong::isDiverged);
    assertThat(wrong.status().ready()).isFalse();
    assertThatThrownBy(() -> wrong.awaitReadable(Duration.ofSeconds(1)))
        .isInstanceOf(ReplicaFailure.Unavailable.class);
    assertThat(wrong.servedFiles().snapshotManifest()).isEmpty();
    await()
        .atMost(TestCluster.PATIENCE)
        .until(() -> {
          write(50); // so that the others have a snapshot that this node's log goes on from
          return wrong.isReplaced();
        });
    cluster.stop(node);
    cluster.start(node);
  }

  @Test
  void soundReplicasAgreeAgainAndAgain() {
    awaitAgreed();
    awaitAgreed();
    assertThat(cluster.running())
        .allSatisfy(each -> {
          assertThat(metric(each, "state_checks_agreed_total")).isGreaterThanOrEqualTo(2);
          assertThat(metric(each, "state_checks_diverged_total")).isZero();
          assertThat(each.checkReport().hashes()).isNotEmpty();
        });
  }

  @Test
  void aFollowerThatDivergedGetsTheMajoritysState() throws Exception {
    awaitAgreed();
    int wrong = (cluster.leaderIndex() + 1) % 3;
    diverge(wrong, "only_here");
    awaitReplacedAndRestart(wrong);
    cluster.awaitReady();
    cluster.assertEqualStates();
    awaitAgreed();
  }

  @Test
  void aLeaderThatDivergedHandsOverFirst() throws Exception {
    awaitAgreed();
    int wrong = cluster.leaderIndex();
    diverge(wrong, "only_here");
    awaitReplacedAndRestart(wrong);
    assertThat(cluster.leaderIndex()).isNotEqualTo(wrong);
    cluster.awaitReady();
    cluster.assertEqualStates();
    awaitAgreed();
  }

  @Test
  void withoutAMajorityNobodyGivesUpItsState() {
    awaitAgreed();
    diverge(0, "only_on_0");
    diverge(1, "only_on_1");
    await()
        .atMost(TestCluster.PATIENCE)
        .untilAsserted(() ->
            assertThat(cluster.running())
                .allSatisfy(each -> {
                  assertThat(metric(each, "state_split")).isOne();
                  assertThat(each.isDiverged()).isFalse();
                  assertThat(each.quorumLeads()).isFalse();
                }));
    write(1); // samples are taken on
  }

  @AfterEach
  void close() throws IOException {
    cluster.close();
    assertThat(cluster.failures).isEmpty();
  }
}
