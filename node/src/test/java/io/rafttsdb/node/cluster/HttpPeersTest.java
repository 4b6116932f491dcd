package io.rafttsdb.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.node.cluster.Bootstrap.Outcome;
import io.rafttsdb.node.cluster.Inviter.Declined;
import io.rafttsdb.node.config.Address;
import io.rafttsdb.node.config.ConfigError;
import io.rafttsdb.node.config.MemberAddress;
import io.rafttsdb.node.config.NodeConfig;
import io.rafttsdb.node.http.HttpLimits;
import io.rafttsdb.node.http.HttpListener;
import io.rafttsdb.node.http.HttpReply;
import io.rafttsdb.node.http.HttpServer;
import io.rafttsdb.node.http.Router;
import io.rafttsdb.replica.duty.BlockPolicy;
import io.rafttsdb.storage.model.SettingsChange;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bootstrap over real HTTP on loopback, with real directories. */
final class HttpPeersTest {

  private static final ClusterShape SHAPE = new ClusterShape(1000, 1);

  @TempDir Path temporary;
  private final List<AutoCloseable> open = new ArrayList<>();
  private List<MemberAddress> members = List.of();

  @BeforeEach
  void choosePorts() throws IOException {
    List<Integer> ports = FreePorts.take(6);
    members = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      members.add(
          new MemberAddress(
              "node" + (i + 1),
              new Address("127.0.0.1", ports.get(2 * i)),
              new Address("127.0.0.1", ports.get(2 * i + 1))));
    }
  }

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  @Test
  void threeNodesBecomeOneClusterAndStayItAfterARestart() throws Exception {
    List<Bootstrap> nodes = List.of(start(0, null), start(1, null), start(2, null));

    Outcome.Done decided = (Outcome.Done) nodes.get(0).round();
    for (Bootstrap node : nodes) {
      assertThat(node.round()).isEqualTo(new Outcome.Done(decided.identity().seenBy(node.name())));
    }

    closeAll();
    open.clear();
    assertThat(start(1, null).identity()).isEqualTo(decided.identity().seenBy("node2"));
  }

  @Test
  void aNodeThatIsNotThereIsNamed() throws Exception {
    Bootstrap coordinator = start(0, null);
    start(1, null);

    assertThat(reason(coordinator))
        .contains("node3 at " + members.get(2).http() + " does not answer (connection refused)");
  }

  @Test
  void aNodeWithAnotherConfigurationIsNamed() throws Exception {
    Bootstrap coordinator = start(0, null);
    start(1, null);
    start(2, Duration.ofMinutes(30));

    assertThat(reason(coordinator))
        .contains("node3 at " + members.get(2).http() + " can't take part")
        .contains("min-block-duration 30m, the coordinator's 2h");
    assertThat(coordinator.identity()).isInstanceOf(Identity.Prepared.class);
  }

  @Test
  void anotherProgramAtTheAddressIsNamed() throws Exception {
    Bootstrap coordinator = start(0, null);
    start(1, null);
    listen(members.get(2).http(), Router.builder().get("/", r -> HttpReply.text(200, "hello")));

    assertThat(reason(coordinator)).contains("what listens there is no raft-tsdb node");
  }

  @Test
  void anotherNodeAtTheAddressIsNamed() throws Exception {
    Bootstrap coordinator = start(0, null);
    Bootstrap second = start(1, null);
    Router.Builder router = Router.builder();
    new BootstrapEndpoints(second).register(router);
    listen(members.get(2).http(), router);

    assertThat(reason(coordinator)).contains("says that it is node2");
  }

  @Test
  void aHostNameThatNobodyKnowsIsNamed() throws Exception {
    members.set(
        1, new MemberAddress("node2", new Address("nobody.invalid", 1), members.get(1).raft()));

    assertThat(reason(start(0, null))).contains("its host name can't be resolved");
  }

  @Test
  void aConfigurationThatDiffersFromTheClusterIsRefused() throws Exception {
    NodeConfig alone = config(0, null, List.of(members.get(0)));
    try (DataDirectory directory = DataDirectory.open(alone.storagePath(), "node1")) {
      Bootstrap.of(alone, directory, new SplittableRandom(1)).round();

      Bootstrap.of(config(0, null, members), directory, new SplittableRandom(1)); // no word of it
      assertThat(refusal(config(0, Duration.ofHours(1), List.of(members.get(0))), directory))
          .contains("min-block-duration is 1h")
          .contains("came into being with 2h");
      MemberAddress moved =
          new MemberAddress("node1", members.get(1).http(), members.get(0).raft());
      assertThat(refusal(config(0, null, List.of(moved)), directory))
          .contains("but the cluster")
          .contains("knows it as [node1 (" + members.get(0).http());
      MemberAddress renamed =
          new MemberAddress("node9", members.get(0).http(), members.get(0).raft());
      NodeConfig other =
          new NodeConfig(
              "node9",
              renamed.http(),
              renamed.raft(),
              false,
              List.of(renamed),
              alone.storagePath(),
              null,
              null,
              SettingsChange.NONE,
              BlockPolicy.DEFAULT,
              1 << 30,
              1 << 20,
              0,
              false,
              false,
              1,
              null);
      assertThat(refusal(other, directory)).contains("belongs to the node node1");
    }
  }

  @Test
  void aNodeComesWhereItIsInvitedAndWaitedForThat() throws Exception {
    MemberAddress node = members.get(1);
    Bootstrap founder = start(0, null);
    Bootstrap waiting = start(1, null, true);
    UUID cluster = new UUID(3, 4);
    try (HttpClient client = HttpClient.newHttpClient()) {
      Inviter inviter = new Inviter(client);
      Invitation invitation =
          new Invitation(
              cluster, SHAPE, node, List.of(new ClusterMember(members.get(2), "0123456789abcdef")));
      assertThat(reason(waiting)).contains("waiting to be added to a cluster");
      assertThatThrownBy(
              () -> inviter.invite(new Invitation(cluster, SHAPE, members.get(0), List.of())))
          .isInstanceOf(Declined.class)
          .hasMessageContaining("set join = true");

      String incarnation = inviter.invite(invitation);
      assertThat(inviter.invite(invitation)).isEqualTo(incarnation);
      assertThat(waiting.identity())
          .isInstanceOfSatisfying(
              Identity.Joined.class,
              joined -> {
                assertThat(joined.clusterId()).isEqualTo(cluster);
                assertThat(joined.self()).isEqualTo(new ClusterMember(node, incarnation));
                assertThat(joined.origin()).isEqualTo(Identity.Origin.ADDED);
              });
      assertThatThrownBy(
              () -> inviter.invite(new Invitation(new UUID(5, 6), SHAPE, node, List.of())))
          .hasMessageContaining("it belongs to the cluster " + cluster);

      waiting.leave();
      assertThat(reason(waiting)).contains("was removed from the cluster " + cluster);
      assertThatThrownBy(() -> inviter.invite(invitation))
          .hasMessageContaining("empty data directory");
    }
    assertThat(founder.identity()).isInstanceOf(Identity.Empty.class);
  }

  @Test
  void aWipedFounderComesToTheClusterThatHadItAndToNoOther() throws Exception {
    NodeConfig alone = config(0, null, List.of(members.get(0)));
    DataDirectory directory = DataDirectory.open(alone.storagePath(), "node1");
    open.add(directory);
    Bootstrap first = Bootstrap.of(alone, directory, new SplittableRandom(1));
    first.round();
    Router.Builder router = Router.builder();
    new BootstrapEndpoints(first).register(router);
    listen(alone.httpBind(), router);
    UUID cluster = ((Identity.Joined) first.identity()).clusterId();
    MemberAddress node = members.get(1);
    Bootstrap wiped = start(1, null);
    assertThat(reason(wiped)).contains("add-node node2");
    try (HttpClient client = HttpClient.newHttpClient()) {
      Inviter inviter = new Inviter(client);
      assertThatThrownBy(
              () -> inviter.invite(new Invitation(new UUID(5, 6), SHAPE, node, List.of())))
          .isInstanceOf(Declined.class);
      inviter.invite(new Invitation(cluster, SHAPE, node, List.of()));
    }
    assertThat(wiped.identity()).isInstanceOf(Identity.Joined.class);
  }

  private static String refusal(NodeConfig config, DataDirectory directory)
      throws IOException, StartRefused {
    try {
      Bootstrap.of(config, directory, new SplittableRandom(1));
    } catch (ConfigError e) {
      return String.valueOf(e.getMessage());
    }
    throw new AssertionError("not refused");
  }

  private static String reason(Bootstrap bootstrap) throws Exception {
    return bootstrap.round() instanceof Outcome.Waiting(String reason) ? reason : "";
  }

  private NodeConfig config(int index, @Nullable Duration blockRange, List<MemberAddress> all) {
    return config(index, blockRange, all, false);
  }

  private NodeConfig config(
      int index, @Nullable Duration blockRange, List<MemberAddress> all, boolean join) {
    MemberAddress self = members.get(index);
    return new NodeConfig(
        self.name(),
        self.http(),
        self.raft(),
        join,
        all,
        temporary.resolve(self.name()),
        blockRange,
        null,
        SettingsChange.NONE,
        BlockPolicy.DEFAULT,
        1 << 30,
        1 << 20,
        0,
        false,
        false,
        1,
        null);
  }

  private Bootstrap start(int index, @Nullable Duration blockRange) throws Exception {
    return start(index, blockRange, false);
  }

  private Bootstrap start(int index, @Nullable Duration blockRange, boolean join) throws Exception {
    NodeConfig config = config(index, blockRange, members, join);
    DataDirectory directory = DataDirectory.open(config.storagePath(), config.name());
    open.add(directory);
    Bootstrap bootstrap = Bootstrap.of(config, directory, new SplittableRandom(index));
    Router.Builder router = Router.builder();
    new BootstrapEndpoints(bootstrap).register(router);
    listen(config.httpBind(), router);
    return bootstrap;
  }

  private void listen(Address address, Router.Builder router) throws IOException {
    open.add(
        HttpServer.start(address.resolve(), router.build(), HttpLimits.DEFAULT, HttpListener.NONE));
  }
}
