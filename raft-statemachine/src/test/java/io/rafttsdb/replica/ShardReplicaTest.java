package io.rafttsdb.replica;

import static io.rafttsdb.replica.TestCluster.append;
import static io.rafttsdb.replica.TestCluster.batch;
import static io.rafttsdb.replica.TestCluster.samples;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.replica.ReplicaFailure.NotLeader;
import io.rafttsdb.storage.model.AppendResult;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardReplicaTest {
  private static final AppendResult ONE_STORED = new AppendResult.Judged(1, 0, 0, List.of());
  private static final AppendResult ONE_REPEATED = new AppendResult.Judged(0, 1, 0, List.of());
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  @TempDir Path root;

  @Test
  void oneNodeWritesReadsAndComesBack() throws Exception {
    try (TestCluster cluster = new TestCluster(root, 1).startAll()) {
      cluster.awaitReady();
      assertThat(cluster.write(batch("a", 0, 1))).isEqualTo(ONE_STORED);
      assertThat(cluster.write(batch("a", 0, 1))).isEqualTo(ONE_REPEATED);
      long index = cluster.replica(0).awaitReadable(TIMEOUT);
      assertThat(index).isEqualTo(cluster.replica(0).status().commitIndex());

      cluster.stop(0);
      cluster.start(0).awaitReadable(TIMEOUT);
      assertThat(samples(cluster.replica(0))).isEqualTo(1);
      assertThat(cluster.write(batch("a", 1, 1))).isEqualTo(ONE_STORED);
      assertThat(cluster.failures).isEmpty();
    }
  }

  @Test
  void threeNodesFailOverAndAgree() throws Exception {
    try (TestCluster cluster = new TestCluster(root, 3).startAll()) {
      cluster.awaitReady();
      for (int i = 0; i < 20; i++) {
        assertThat(cluster.write(batch("a", i, i))).isEqualTo(ONE_STORED);
      }
      int first = cluster.leaderIndex();
      cluster.stop(first);
      for (int i = 20; i < 40; i++) {
        cluster.write(batch("a", i, i));
      }
      cluster.start(first).awaitReadable(TIMEOUT);
      assertThat(samples(cluster.replica(first))).isEqualTo(40);
      cluster.assertEqualStates();
      assertThat(cluster.failures).isEmpty();
    }
  }

  @Test
  void aFollowerNamesTheLeaderAndReadsWhatItWasWritten() throws Exception {
    try (TestCluster cluster = new TestCluster(root, 3).startAll()) {
      cluster.awaitReady();
      int leader = cluster.leaderIndex();
      ShardReplica follower = cluster.replica((leader + 1) % 3);
      assertThatThrownBy(() -> append(follower, batch("a", 0, 1)).get(10, TimeUnit.SECONDS))
          .cause()
          .isInstanceOfSatisfying(
              NotLeader.class,
              failure -> assertThat(failure.leader()).isEqualTo(cluster.members.get(leader)));
      for (int i = 0; i < 50; i++) {
        cluster.write(batch("a", i, i));
        follower.awaitReadable(TIMEOUT);
        assertThat(samples(follower)).isEqualTo(i + 1);
      }
    }
  }
}
