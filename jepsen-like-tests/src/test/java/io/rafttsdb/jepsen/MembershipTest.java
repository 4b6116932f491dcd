package io.rafttsdb.jepsen;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.client.WriteOutcome;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Members are added, removed, replaced, and leadership moves, while writers write. */
class MembershipTest {

  private static final long SEED = 20_977;
  private static final int STEP = 30;

  @RegisterExtension final Workshop workshop = new Workshop();

  @Test
  void nodesComeAndGoUnderLoadAndNothingIsLost() throws Exception {
    comeAndGo("storage.snapshot-log-bytes = 256KiB");
  }

  @Test
  void ofSeveralShardsToo() throws Exception {
    LongerSuite.assumeWanted();
    comeAndGo("storage.snapshot-log-bytes = 768KiB\nshards = 3");
  }

  private void comeAndGo(String configuration) throws Exception {
    Cluster cluster = workshop.cluster(3, configuration).start();
    System.out.println("seed of the load: " + SEED);
    WriteLoad load = workshop.use(WriteLoad.start(cluster, 3, 20, SEED));
    load.awaitAcknowledged(STEP);

    NodeProcess fourth = workshop.stranger(cluster);
    fourth.start();
    fourth.awaitNotReady("waiting to be added");
    NodeProcess follower = cluster.others(cluster.awaitLeader()).getFirst();
    done(follower.change("POST", "members?name=node4&" + addresses(fourth)));
    fourth.awaitReady();
    load.awaitAcknowledged(STEP);

    NodeProcess leader = cluster.awaitLeader();
    done(leader.change("DELETE", "members/" + leader.name()));
    leader.awaitNotReady("was removed");
    load.awaitAcknowledged(STEP);

    NodeProcess wiped =
        cluster.others(cluster.awaitLeader()).stream()
            .filter(node -> node != leader && node != fourth)
            .findFirst()
            .orElseThrow();
    wiped.kill();
    Workshop.delete(wiped.data());
    wiped.start();
    wiped.awaitNotReady("replace-node " + wiped.name());
    done(fourth.change("POST", "members/" + wiped.name() + "/replace"));
    wiped.awaitReady();
    load.awaitAcknowledged(STEP);

    done(wiped.change("POST", "leader?to=" + wiped.name()));
    assertThat(cluster.awaitLeader()).isSameAs(wiped);
    load.awaitAcknowledged(STEP);

    Ledger ledger = load.stop();
    assertThat(ledger.count(WriteOutcome.Refused.class)).isZero();
    List<NodeProcess> members = cluster.others(leader);
    Stored.assertHolds(members, ledger);
    for (NodeProcess member : members) {
      String listed = member.get("/api/v1/cluster/members").body();
      assertThat(listed).doesNotContain("\"" + leader.name() + "\"").contains("\"node4\"");
      assertThat(listed.split("\"voter\"", -1)).hasSize(members.size() + 1);
    }

    leader.terminate(); // a removed node stays one, whatever its configuration says
    leader.start();
    leader.awaitNotReady("was removed");
    fourth.terminate(); // and an added one
    fourth.start();
    fourth.awaitReady();
    Stored.assertHolds(members, ledger);
  }

  private static String addresses(NodeProcess node) {
    return "http=" + node.http().getAuthority() + "&raft=127.0.0.1:" + node.raftPort();
  }

  private static void done(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }
}
