package io.rafttsdb.jepsen;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.client.WriteOutcome;
import java.io.IOException;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A follower that was away for longer than the others keep their logs. */
class InstallTest {

  private static final long SEED = 41_077;
  private static final Duration PURGE_MAX = Duration.ofMinutes(2);

  @RegisterExtension final Workshop workshop = new Workshop();

  @Test
  void aFollowerWhoseNextEntryIsPurgedEverywhereInstallsASnapshot() throws Exception {
    LongerSuite.assumeWanted();
    Cluster cluster = workshop.cluster(3, "storage.snapshot-log-bytes = 64KiB").start();
    System.out.println("seed of the load: " + SEED);
    WriteLoad load = workshop.use(WriteLoad.start(cluster, 4, 100, SEED));
    load.awaitAcknowledged(20);
    NodeProcess away = cluster.others(cluster.awaitLeader()).getFirst();
    away.kill();
    long last = new RaftLogFiles(away.data()).lastIndex();
    for (NodeProcess other : cluster.others(away)) {
      RaftLogFiles files = new RaftLogFiles(other.data());
      Awaitility.await(other.name() + " purges its log beyond index " + last)
          .atMost(PURGE_MAX)
          .ignoreExceptions() // a file may go while the directory is read
          .until(() -> files.firstIndex() > last + 1);
    }

    away.start();
    away.awaitReady();
    load.awaitAcknowledged(20);
    Ledger ledger = load.stop();
    assertThat(ledger.count(WriteOutcome.Refused.class)).isZero();
    Stored.assertHolds(cluster.nodes(), ledger);
  }

  @Test
  void aFollowerThatMissedBlocksTooPullsThoseThatItLacks() throws Exception {
    Cluster cluster =
        workshop
            .cluster(3, "storage.snapshot-log-bytes = 64KiB", "storage.min-block-duration = 6s")
            .start();
    System.out.println("seed of the load: " + SEED);
    WriteLoad load = workshop.use(WriteLoad.start(cluster, 4, 100, SEED));
    NodeProcess away = cluster.others(cluster.awaitLeader()).getFirst();
    awaitBlocks(away, 1);
    away.kill();
    long last = new RaftLogFiles(away.data()).lastIndex();
    for (NodeProcess other : cluster.others(away)) {
      awaitBlocks(other, 3);
      RaftLogFiles files = new RaftLogFiles(other.data());
      Awaitility.await(other.name() + " purges its log beyond index " + last)
          .atMost(PURGE_MAX)
          .ignoreExceptions() // a file may go while the directory is read
          .until(() -> files.firstIndex() > last + 1);
    }

    away.start();
    away.awaitReady();
    load.awaitAcknowledged(20);
    Ledger ledger = load.stop();
    assertThat(metric(away, "raft_tsdb_snapshots_installed_total")).isPositive();
    assertThat(metric(away, "raft_tsdb_blocks_pulled_total")).isPositive();
    assertThat(metric(away, "raft_tsdb_blocks_pulled_wrong_total")).isZero();
    Stored.assertHolds(cluster.nodes(), ledger);
  }

  private static void awaitBlocks(NodeProcess node, int atLeast) {
    Awaitility.await(node.name() + " has " + atLeast + " blocks")
        .atMost(PURGE_MAX)
        .ignoreExceptions() // it may not answer yet
        .until(() -> metric(node, "raft_tsdb_blocks_present") >= atLeast);
  }

  /** Of the only shard. */
  private static double metric(NodeProcess node, String name) throws IOException {
    String series = name + "{shard=\"0\"} ";
    return node.get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(series))
        .mapToDouble(line -> Double.parseDouble(line.substring(series.length())))
        .findFirst()
        .orElse(Double.NaN);
  }
}
