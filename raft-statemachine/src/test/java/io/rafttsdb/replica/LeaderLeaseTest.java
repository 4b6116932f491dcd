package io.rafttsdb.replica;

import static io.rafttsdb.replica.TestCluster.batch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.rafttsdb.replica.ReplicaFailure.Unavailable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A leader with a lease reads by itself for a while; without one it always asks a majority. */
class LeaderLeaseTest {

  /** Longer than it takes to stop two nodes and to read. */
  private static final Duration LONG = Duration.ofSeconds(20);

  private static final Duration SHORT = Duration.ofMillis(300);
  private static final Duration READ_LIMIT = Duration.ofSeconds(1);

  @TempDir private Path root;
  private TestCluster cluster;

  @BeforeEach
  void prepare() throws Exception {
    cluster = new TestCluster(root, 3);
  }

  /** The leader of a cluster that has lost its majority just now. */
  private ShardReplica leaderAlone(Duration silence, boolean lease) throws Exception {
    cluster.limits = cluster.limits.withElection(silence, silence.multipliedBy(2));
    cluster.leaderLease = lease;
    int leader = cluster.startAll().leaderIndex();
    for (int i = 0; i < 10; i++) {
      cluster.write(batch("a", i, i));
    }
    cluster.replica(leader).awaitReadable(TestCluster.PATIENCE); // so that the lease is a new one
    for (int node = 0; node < 3; node++) {
      if (node != leader) {
        cluster.stop(node);
      }
    }
    return cluster.replica(leader);
  }

  @Test
  void whileItLastsNobodyIsAsked() throws Exception {
    ShardReplica leader = leaderAlone(LONG, true);
    assertThat(leader.awaitReadable(READ_LIMIT)).isPositive();
  }

  @Test
  void withoutOneAMajorityIsAsked() throws Exception {
    ShardReplica leader = leaderAlone(SHORT, false);
    assertThatThrownBy(() -> leader.awaitReadable(READ_LIMIT)).isInstanceOf(Unavailable.class);
  }

  @Test
  void onceItIsOverNothingIsRead() throws Exception {
    ShardReplica leader = leaderAlone(SHORT, true);
    await()
        .atMost(TestCluster.PATIENCE)
        .untilAsserted(() ->
            assertThatThrownBy(() -> leader.awaitReadable(READ_LIMIT))
                .isInstanceOf(Unavailable.class));
    assertThatThrownBy(() -> leader.awaitReadable(READ_LIMIT)).isInstanceOf(Unavailable.class);
  }

  @AfterEach
  void close() throws IOException {
    cluster.close();
    assertThat(cluster.failures).isEmpty();
  }
}
