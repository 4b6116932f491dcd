package io.rafttsdb.replica;

import static io.rafttsdb.replica.TestCluster.batch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.replica.ReplicaFailure.Unavailable;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A linearizable read has its leader's word for it only after the leader has asked a majority. */
class LeadershipProofTest {

  /** A leader that hears nobody gives up after this: longer than it takes to stop some nodes. */
  private static final Duration LONG = Duration.ofSeconds(30);

  @TempDir Path root;

  /** What was confirmed of an index once says nothing of the time of the next read. */
  @Test
  void aLeaderThatIsCutOffAnswersNoReadOfAnIndexThatWasConfirmedBefore() throws Exception {
    try (TestCluster cluster = new TestCluster(root, 3)) {
      cluster.limits = cluster.limits.withElection(Duration.ofMillis(1500), LONG);
      cluster.startAll();
      cluster.write(batch("a", 0, 1));
      int leader = cluster.leaderIndex();
      for (int i = 0; i < 3; i++) {
        cluster.replica(leader).awaitReadable(TestCluster.PATIENCE);
      }
      cluster.stop((leader + 1) % 3);
      cluster.stop((leader + 2) % 3);
      assertThat(cluster.replica(leader).isReadyLeader()).isTrue(); // as far as it knows
      assertThatThrownBy(() -> cluster.replica(leader).awaitReadable(Duration.ofSeconds(1)))
          .isInstanceOf(Unavailable.class);
    }
  }

  /** Nor does a follower read what such a leader tells it. */
  @Test
  void aFollowerOfALeaderWithoutAMajorityReadsNothing() throws Exception {
    try (TestCluster cluster = new TestCluster(root, 5)) {
      cluster.limits = cluster.limits.withElection(Duration.ofMillis(1500), LONG);
      cluster.startAll();
      cluster.write(batch("a", 0, 1));
      int leader = cluster.leaderIndex();
      ShardReplica follower = cluster.replica((leader + 1) % 5);
      for (int i = 0; i < 3; i++) {
        follower.awaitReadable(TestCluster.PATIENCE);
      }
      assertThat(TestCluster.samples(follower)).isEqualTo(1);
      for (int i = 2; i < 5; i++) {
        cluster.stop((leader + i) % 5);
      }
      assertThat(cluster.replica(leader).isReadyLeader()).isTrue();
      assertThatThrownBy(() -> follower.awaitReadable(Duration.ofSeconds(1)))
          .isInstanceOf(Unavailable.class);
    }
  }
}
