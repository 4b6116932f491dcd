package io.rafttsdb.jepsen;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.client.WriteOutcome;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * All nodes are killed at once in the middle of writes, and their logs end as crashes leave them.
 */
class WholeClusterKillTest {

  private static final long SEED = 7_345_119;
  private static final int ROUNDS = 3;
  private static final int WRITERS = 4;
  private static final int SERIES_PER_WRITER = 25;
  private static final int WRITES_PER_ROUND = 300;
  private static final int START_REFUSED = 3;

  @RegisterExtension final Workshop workshop = new Workshop();

  @Test
  void everyAcknowledgedSampleIsThereAfterAllNodesWereKilled() throws Exception {
    Cluster cluster = workshop.cluster(3).start();
    WriteLoad load = load(cluster);
    for (int round = 0; round < ROUNDS; round++) {
      load.awaitAcknowledged(WRITES_PER_ROUND);
      cluster.killAll();
      cluster.start();
    }
    finish(cluster, load);
  }

  @Test
  void tornRecordsAtTheEndOfTheLogAreCutByTheNodeItself() throws Exception {
    Cluster cluster = workshop.cluster(3).start();
    WriteLoad load = load(cluster);
    load.awaitAcknowledged(WRITES_PER_ROUND);
    cluster.killAll();
    RaftLogFile.open(cluster.node(1).data()).tearNextRecord();
    cluster.start();

    load.awaitAcknowledged(WRITES_PER_ROUND);
    cluster.killAll();
    RaftLogFile.open(cluster.node(2).data()).leaveHoleBeforeNextRecord();
    cluster.start();

    load.awaitAcknowledged(WRITES_PER_ROUND);
    cluster.killAll();
    for (NodeProcess node : cluster.nodes()) { // as after a power loss of the whole rack
      RaftLogFile.open(node.data()).tearNextRecord();
    }
    cluster.start();
    finish(cluster, load);
  }

  @Test
  void aFlippedBitInACommittedRecordIsRefusedAndTheOthersGoOn() throws Exception {
    Cluster cluster = workshop.cluster(3).start();
    WriteLoad load = load(cluster);
    load.awaitAcknowledged(WRITES_PER_ROUND);
    NodeProcess damaged = cluster.node(2);
    RaftLogFiles files = new RaftLogFiles(damaged.data());
    long noted = files.commitMark();
    Awaitility.await("the commit mark moves").until(() -> files.commitMark() > noted);
    cluster.killAll();
    long mark = files.commitMark();
    RaftLogFile log = RaftLogFile.open(damaged.data());
    RaftLogFile.LogRecord record =
        log.records().stream().filter(each -> each.index() == mark).findFirst().orElseThrow();
    log.flipBit(record);

    cluster.nodes().forEach(ServerProcess::start);
    assertThat(damaged.awaitExit())
        .as("exit code of %s", damaged.describe())
        .isEqualTo(START_REFUSED);
    assertThat(damaged.output())
        .contains(log.path().toString())
        .containsPattern("offset " + record.offset() + "\\b")
        .containsPattern("index " + record.index() + "\\b");
    List<NodeProcess> others = cluster.others(damaged);
    others.forEach(NodeProcess::awaitReady);
    load.awaitAcknowledged(WRITES_PER_ROUND);
    Ledger ledger = load.stop();
    assertThat(ledger.count(WriteOutcome.Refused.class)).isZero();
    Stored.assertHolds(others, ledger);
  }

  private WriteLoad load(Cluster cluster) {
    System.out.println("seed of the load: " + SEED);
    return workshop.use(WriteLoad.start(cluster, WRITERS, SERIES_PER_WRITER, SEED));
  }

  private static void finish(Cluster cluster, WriteLoad load) throws Exception {
    load.awaitAcknowledged(WRITES_PER_ROUND);
    Ledger ledger = load.stop();
    System.out.println(
        ledger.count(WriteOutcome.Acknowledged.class)
            + " writes acknowledged, "
            + ledger.count(WriteOutcome.Unknown.class)
            + " unknown, of "
            + SERIES_PER_WRITER
            + " samples each");
    assertThat(ledger.count(WriteOutcome.Refused.class)).isZero();
    Stored.assertHolds(cluster.nodes(), ledger);
  }
}
