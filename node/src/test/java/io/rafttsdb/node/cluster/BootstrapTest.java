package io.rafttsdb.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.node.cluster.Bootstrap.Outcome;
import io.rafttsdb.node.cluster.SimulatedNodes.Node;
import java.util.HashSet;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class BootstrapTest {

  private static final int ROUNDS_MAX = 20;

  static LongStream seeds() {
    return LongStream.concat(LongStream.range(0, 64), new SplittableRandom().longs(8));
  }

  @Test
  void aLoneNodeIsACluster() {
    SimulatedNodes nodes = started(1);

    assertThat(nodes.nodes.getFirst().round()).isInstanceOf(Outcome.Done.class);
    assertThat(nodes.clusterIds()).hasSize(1);
  }

  @Test
  void threeEmptyNodesBecomeOneCluster() {
    SimulatedNodes nodes = started(3);

    runUntilJoined(nodes);

    assertThat(new HashSet<>(nodes.clusterIds())).hasSize(1);
    Identity.Joined joined = (Identity.Joined) nodes.nodes.get(2).disk;
    assertThat(joined.clusterId().version()).isEqualTo(4);
    assertThat(joined.members())
        .extracting(ClusterMember::name)
        .containsExactly("node1", "node2", "node3");
    assertThat(joined.members().stream().map(ClusterMember::incarnation).distinct()).hasSize(3);
  }

  /** The whole run is repeated once for each point of it, with the acting node's crash there. */
  @Test
  void aCrashAtAnyPointIsTakenUp() {
    int points = pointsOfACleanRun();
    assertThat(points).isGreaterThan(20);
    for (int crashAt = 0; crashAt < points; crashAt++) {
      SimulatedNodes nodes = started(3);
      int[] point = {0};
      int at = crashAt;
      nodes.onPoint(node -> {
        if (point[0]++ == at) {
          node.crash();
        }
      });
      for (int i = 0; i < 3; i++) {
        nodes.nodes.forEach(Node::round);
      }
      nodes.nodes.stream().filter(node -> !node.runs()).forEach(Node::start);

      runUntilJoined(nodes);

      assertThat(new HashSet<>(nodes.clusterIds())).as("crash at point %d", at).hasSize(1);
    }
  }

  private static int pointsOfACleanRun() {
    SimulatedNodes nodes = started(3);
    int[] points = {0};
    nodes.onPoint(node -> points[0]++);
    runUntilJoined(nodes);
    return points[0];
  }

  @Test
  void aSilentMemberIsNamedAndStopsTheBootstrap() {
    SimulatedNodes nodes = started(3);
    nodes.nodes.get(2).crash();

    for (int i = 0; i < 5; i++) {
      assertThat(waiting(nodes, 0))
          .contains("node3 at h3:9090 does not answer (connection refused)");
      assertThat(waiting(nodes, 1)).startsWith("waiting for node1 at h1:9090");
    }
    assertThat(nodes.clusterIds()).isEmpty();
  }

  @Test
  void aMemberOfAnotherClusterIsNamedAndStopsTheBootstrap() {
    SimulatedNodes other = started(3);
    runUntilJoined(other);
    SimulatedNodes nodes = started(3, 99);
    nodes.nodes.get(1).disk = other.nodes.get(1).disk;
    nodes.nodes.get(1).start();

    assertThat(waiting(nodes, 0))
        .contains("node2 at h2:9090 belongs to the cluster " + other.clusterIds().getFirst());
    assertThat(nodes.nodes.get(0).disk).isInstanceOf(Identity.Empty.class);
  }

  @Test
  void aWipedNodeWaitsAndSaysWhatToDo() {
    for (int wiped = 0; wiped < 3; wiped++) {
      SimulatedNodes nodes = started(3);
      runUntilJoined(nodes);
      nodes.nodes.get(wiped).wipe();
      nodes.nodes.get(wiped).start();

      assertThat(waiting(nodes, wiped)).contains("its data was lost").contains("put back");
      assertThat(nodes.clusterIds()).hasSize(2);
    }
  }

  /** Two of three wiped, the third not there: they must not become a second cluster. */
  @Test
  void wipedNodesFormNoClusterOfTheirOwn() {
    SimulatedNodes nodes = started(3);
    runUntilJoined(nodes);
    nodes.nodes.get(2).crash();
    for (Node node : nodes.nodes.subList(0, 2)) {
      node.wipe();
      node.start();
    }

    for (int i = 0; i < 5; i++) {
      assertThat(waiting(nodes, 0)).contains("node3 at h3:9090 does not answer");
      assertThat(waiting(nodes, 1)).contains("waiting for node1");
    }
    assertThat(nodes.clusterIds()).hasSize(1);
  }

  @Test
  void aPreparedNodeFindsItselfThroughAnyJoinedMember() {
    SimulatedNodes nodes = started(3);
    nodes.nodes.get(0).round();
    nodes.nodes.get(1).round();
    nodes.nodes.get(0).crash();

    assertThat(nodes.nodes.get(2).round()).isInstanceOf(Outcome.Done.class);
    assertThat(new HashSet<>(nodes.clusterIds())).hasSize(1);
  }

  /**
   * The coordinator decides, and loses its disk while its member list is on its way to node3; its
   * second attempt decides anew. The late list must not make node3 a member of the first cluster.
   */
  @Test
  void aListOfALostDecisionIsTooLate() {
    SimulatedNodes nodes = started(3);
    Node coordinator = nodes.nodes.get(0);
    coordinator.round();
    boolean[] lost = {false};
    int[] points = {0};
    nodes.onPoint(node -> {
      // node3 asks node1: one point before the call, one before its answer is read.
      if (node == nodes.nodes.get(2) && ++points[0] == 2) {
        lost[0] = true;
        coordinator.wipe();
        coordinator.start();
        assertThat(coordinator.round()).isInstanceOf(Outcome.Done.class);
      }
    });

    assertThat(waiting(nodes, 2)).contains("belongs to no cluster");
    assertThat(lost[0]).isTrue();
    runUntilJoined(nodes);

    assertThat(new HashSet<>(nodes.clusterIds())).hasSize(1);
  }

  /** Crashes, wipes and interleavings at random: never two clusters on the disks. */
  @ParameterizedTest
  @MethodSource("seeds")
  void neverTwoClusters(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    SimulatedNodes nodes = started(3 + random.nextInt(3), seed);
    int[] depth = {0};
    nodes.onPoint(node -> {
      if (random.nextInt(40) == 0) {
        node.crash();
      } else if (depth[0] < 3 && random.nextInt(4) == 0) {
        depth[0]++;
        act(nodes, random);
        depth[0]--;
      }
    });
    for (int i = 0; i < 400; i++) {
      act(nodes, random);
      nodes.checkOneCluster();
    }
  }

  private static void act(SimulatedNodes nodes, SplittableRandom random) {
    Node node = nodes.nodes.get(random.nextInt(nodes.nodes.size()));
    switch (random.nextInt(20)) {
      case 0 -> node.wipe();
      case 1 -> node.crash();
      case 2, 3, 4, 5 -> {
        if (!node.runs()) {
          node.start();
        }
      }
      default -> node.round();
    }
  }

  /** The same without wipes: when the crashes end, all are members of one cluster. */
  @ParameterizedTest
  @MethodSource("seeds")
  void crashesOnlyDelay(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    SimulatedNodes nodes = started(3, seed);
    nodes.onPoint(node -> {
      if (random.nextInt(6) == 0) {
        node.crash();
      }
    });
    for (int i = 0; i < 50; i++) {
      Node node = nodes.nodes.get(random.nextInt(3));
      if (!node.runs()) {
        node.start();
      }
      node.round();
    }
    nodes.onPoint(node -> {});
    nodes.nodes.stream().filter(node -> !node.runs()).forEach(Node::start);

    runUntilJoined(nodes);

    assertThat(new HashSet<>(nodes.clusterIds())).hasSize(1);
  }

  private static String waiting(SimulatedNodes nodes, int index) {
    Outcome outcome = nodes.nodes.get(index).round();
    assertThat(outcome).isInstanceOf(Outcome.Waiting.class);
    return outcome instanceof Outcome.Waiting(String reason) ? reason : "";
  }

  private static void runUntilJoined(SimulatedNodes nodes) {
    for (int i = 0; i < ROUNDS_MAX && nodes.clusterIds().size() < nodes.nodes.size(); i++) {
      nodes.nodes.forEach(Node::round);
    }
    assertThat(nodes.clusterIds()).hasSameSizeAs(nodes.nodes);
    nodes.checkOneCluster();
  }

  private static SimulatedNodes started(int count) {
    return started(count, 1);
  }

  private static SimulatedNodes started(int count, long seed) {
    SimulatedNodes nodes = new SimulatedNodes(count, seed);
    nodes.nodes.forEach(Node::start);
    return nodes;
  }
}
