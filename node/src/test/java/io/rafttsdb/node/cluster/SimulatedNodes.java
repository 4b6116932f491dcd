package io.rafttsdb.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.node.config.Address;
import io.rafttsdb.node.config.MemberAddress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Nodes that bootstrap on one thread: each has a disk that survives crashes, and its process may
 * crash at every point where it writes or asks. Before each such point the test's hook is called,
 * which may crash any node, or let others act in between.
 */
final class SimulatedNodes {

  /** Thrown through a node's code when its process dies. */
  static final class Crash extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient Node node;

    Crash(Node node) {
      this.node = node;
    }
  }

  final List<Node> nodes = new ArrayList<>();
  private final Map<String, Node> byName = new HashMap<>();
  private final SplittableRandom random;
  private Consumer<Node> hook = node -> {};

  SimulatedNodes(int count, long seed) {
    random = new SplittableRandom(seed);
    List<MemberAddress> members = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      members.add(
          new MemberAddress("node" + i, new Address("h" + i, 9090), new Address("h" + i, 10090)));
    }
    for (MemberAddress member : members) {
      Node node =
          new Node(new BootstrapPlan(member.name(), members, new ClusterShape(7_200_000, 2)));
      nodes.add(node);
      byName.put(member.name(), node);
    }
  }

  void onPoint(Consumer<Node> newHook) {
    hook = newHook;
  }

  private void point(Node node) {
    hook.accept(node);
  }

  /** All that is joined on the disks is one cluster, each member with its own incarnation. */
  void checkOneCluster() {
    Identity.@Nullable Joined first = null;
    for (Node node : nodes) {
      if (node.disk instanceof Identity.Joined joined) {
        assertThat(joined.self().incarnation()).isEqualTo(node.promised);
        if (first != null) {
          assertThat(joined.clusterId()).isEqualTo(first.clusterId());
          assertThat(joined.members()).isEqualTo(first.members());
        }
        first = joined;
      }
    }
  }

  List<UUID> clusterIds() {
    return nodes.stream()
        .filter(node -> node.disk instanceof Identity.Joined)
        .map(node -> ((Identity.Joined) node.disk).clusterId())
        .toList();
  }

  /** A node: what it has on disk, and its process while it runs. */
  final class Node implements IdentityStore, Peers {
    final BootstrapPlan plan;
    Identity disk;
    String promised = "";
    private @Nullable Bootstrap process;
    private int life;
    private boolean inRound;

    Node(BootstrapPlan plan) {
      this.plan = plan;
      this.disk = new Identity.Empty(plan.name());
    }

    boolean runs() {
      return process != null;
    }

    void start() {
      try {
        process = new Bootstrap(plan, this, this, random);
      } catch (IOException | StartRefused e) {
        throw new AssertionError(e);
      }
    }

    void crash() {
      process = null;
      inRound = false;
      life++;
    }

    void wipe() {
      crash();
      disk = new Identity.Empty(plan.name());
      promised = "";
    }

    /** One round, or nothing where the process dies in it. */
    Bootstrap.@Nullable Outcome round() {
      Bootstrap running = process;
      if (running == null || inRound) {
        return null; // a process has one thread that makes rounds
      }
      try {
        inRound = true;
        Bootstrap.Outcome outcome = running.round();
        inRound = false;
        return outcome;
      } catch (Crash e) {
        if (e.node != this) {
          throw e;
        }
        return null;
      } catch (IOException | InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public Identity load() {
      return disk;
    }

    @Override
    public void save(Identity identity) {
      pointAlive();
      disk = identity;
      promised =
          switch (identity) {
            case Identity.Empty _ -> "";
            case Identity.Prepared prepared -> prepared.incarnation();
            case Identity.Joined joined -> joined.self().incarnation();
            case Identity.Removed removed -> removed.incarnation();
          };
      checkOneCluster();
      pointAlive();
    }

    @Override
    public Identity identityOf(MemberAddress member) throws IOException {
      return call(member, Bootstrap::identity);
    }

    @Override
    public PrepareAnswer prepare(MemberAddress member, PrepareRequest request) throws IOException {
      return call(member, bootstrap -> bootstrap.prepare(request));
    }

    private <T> T call(MemberAddress member, Call<T> call) throws IOException {
      pointAlive();
      Node other = byName.get(member.name());
      if (other == null || other.process == null) {
        throw new IOException("connection refused");
      }
      T answer;
      try {
        answer = call.on(other.process);
      } catch (Crash e) {
        if (e.node == this) {
          throw e;
        }
        throw new IOException("connection reset", e);
      }
      pointAlive(); // the answer is on its way: others may act before it is here
      return answer;
    }

    /** A point at which this process may end; code of an ended process goes no further. */
    private void pointAlive() {
      int before = life;
      point(this);
      if (life != before) {
        throw new Crash(this);
      }
    }
  }

  /** What is done at another node. */
  private interface Call<T> {
    T on(Bootstrap other) throws IOException;
  }
}
