package io.rafttsdb.jepsen;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.client.WriteOutcome;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Members change while other nodes than the first shard's leader lead the other shards. */
class ShardMembersTest {

  private static final long SEED = 31_337;
  private static final int STEP = 30;
  private static final int SHARDS = 3;
  private static final Duration LIMIT = Duration.ofMinutes(2);

  @RegisterExtension final Workshop workshop = new Workshop();

  @BeforeEach
  void isWanted() {
    LongerSuite.assumeWanted();
  }

  @Test
  void aNodeThatLeadsOtherShardsIsRemoved() throws Exception {
    Cluster cluster = cluster();
    NodeProcess leader = cluster.awaitLeader();
    NodeProcess leaving = cluster.others(leader).getFirst();
    for (int shard = 1; shard < SHARDS; shard++) {
      lead(leaving, shard);
    }
    WriteLoad load = workshop.use(WriteLoad.start(cluster, 3, 20, SEED));
    load.awaitAcknowledged(STEP);

    done(leader.change("DELETE", "members/" + leaving.name()));
    leaving.awaitNotReady("was removed");
    load.awaitAcknowledged(STEP);

    Ledger ledger = load.stop();
    assertThat(ledger.count(WriteOutcome.Refused.class)).isZero();
    List<NodeProcess> members = cluster.others(leaving);
    leaving.kill(); // nobody needs its vote
    Stored.assertHolds(members, ledger);
  }

  @Test
  void leadersDieWhileANodeIsAdded() throws Exception {
    Cluster cluster = cluster();
    lead(cluster.node(1), 0);
    lead(cluster.node(2), 1);
    lead(cluster.node(2), 2);
    WriteLoad load = workshop.use(WriteLoad.start(cluster, 3, 20, SEED));
    load.awaitAcknowledged(STEP);
    NodeProcess fourth = workshop.stranger(cluster);
    fourth.start();
    fourth.awaitNotReady("waiting to be added");

    NodeProcess asked = cluster.node(3);
    CompletableFuture<HttpResponse<String>> added =
        CompletableFuture.supplyAsync(() ->
            asked.change(
                "POST",
                "members?name=node4&http="
                    + fourth.http().getAuthority()
                    + "&raft=127.0.0.1:"
                    + fourth.raftPort()));
    Awaitility.await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(10))
        .until(() -> members(asked).contains("\"node4\""));
    restart(cluster.node(2)); // leads the other shards
    restart(cluster.node(1)); // the first one

    done(added.get(LIMIT.toSeconds(), TimeUnit.SECONDS));
    fourth.awaitReady();
    load.awaitAcknowledged(STEP);
    for (int shard = 0; shard < SHARDS; shard++) {
      // of the shard first, then of all
      assertThat(shard(fourth, shard))
          .containsPattern("\\A[^\\[]*\"role\" ?: ?\"(follower|leader)\"");
    }
    Ledger ledger = load.stop();
    assertThat(ledger.count(WriteOutcome.Refused.class)).isZero();
    Stored.assertHolds(cluster.nodes(), ledger);
  }

  private Cluster cluster() throws IOException {
    return workshop.cluster(3, "storage.snapshot-log-bytes = 768KiB\nshards = " + SHARDS).start();
  }

  private static void lead(NodeProcess node, int shard) {
    done(node.change("POST", "leader?to=" + node.name() + "&shard=" + shard));
  }

  private static void restart(NodeProcess node) {
    node.kill();
    node.start();
    node.awaitReady();
  }

  private static String members(NodeProcess node) throws IOException {
    return node.get("/api/v1/cluster/members?local=true").body();
  }

  private static String shard(NodeProcess node, int shard) throws IOException {
    return node.get("/api/v1/cluster/status?shard=" + shard).body();
  }

  private static void done(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }
}
