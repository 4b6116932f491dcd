package io.rafttsdb.node.members;

import io.rafttsdb.node.cluster.ClusterMember;
import io.rafttsdb.node.cluster.Identity;
import io.rafttsdb.node.cluster.Invitation;
import io.rafttsdb.node.cluster.Inviter;
import io.rafttsdb.node.config.Address;
import io.rafttsdb.node.config.MemberAddress;
import io.rafttsdb.replica.Member;
import io.rafttsdb.replica.Membership;
import io.rafttsdb.replica.MembershipGate;
import io.rafttsdb.replica.ReplicaFailure.NotLeader;
import io.rafttsdb.replica.ReplicaFailure.Unavailable;
import io.rafttsdb.replica.ShardReplica;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Makes a node a voter, step by step:
 *
 * <pre>
 *   invited    it has the cluster's id and an incarnation on its disk, and runs Raft as a stranger
 *   listener   it receives the log, or a snapshot and the log; it counts for nothing
 *   caught up  it has applied what was committed
 *   voter      in one step with the end of the incarnation that it replaces
 * </pre>
 *
 * <p>Each step looks at what is there already, so that a job which a change of leader has cut off
 * is taken up by the same request to the new one. The majority never shrinks on the way: a lost
 * voter is on the list of voters until the node that replaces it is.
 */
final class JoinJob {

  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final Duration START_LIMIT = Duration.ofMinutes(1);
  private static final Duration STAND_STILL_LIMIT = Duration.ofMinutes(1);
  private static final Duration SILENCE_LIMIT = Duration.ofSeconds(30);

  private final JoinGoal goal;
  private final Identity.Joined cluster;
  private final List<ShardReplica> shards;
  private final ShardReplica replica;
  private final MembershipGate gate;
  private final RepeatedChange changes;
  private final Inviter inviter;
  private final NodeProbe probe;
  private volatile String step = "asking the node";

  JoinJob(
      JoinGoal goal,
      Identity.Joined cluster,
      List<ShardReplica> shards,
      Inviter inviter,
      NodeProbe probe) {
    this.goal = goal;
    this.cluster = cluster;
    this.shards = shards;
    this.replica = shards.getFirst();
    this.gate = replica.membership();
    this.changes = new RepeatedChange(replica);
    this.inviter = inviter;
    this.probe = probe;
  }

  JoinGoal goal() {
    return goal;
  }

  /** Where it is, as {@code adding node4: it catches up, 1000 entries are left}. */
  String text() {
    return goal.text() + ": " + step;
  }

  /** Why a job ends before its goal. */
  private static final class Ended extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient ChangeResult result;

    Ended(ChangeResult result) {
      super(result.toString());
      this.result = result;
    }
  }

  /** Runs to its end; takes as long as the node needs to catch up. */
  ChangeResult run() throws InterruptedException {
    MemberAddress node = goal.node();
    try {
      String refusal = JoinRules.addressRefusal(gate.present(), node);
      if (!refusal.isEmpty()) {
        return new ChangeResult.Refused(refusal);
      }
      if (goal.kind() == JoinGoal.Kind.REPLACE && gate.present().named(node.name()).isEmpty()) {
        return new ChangeResult.NoMember("the cluster has no member " + node.name());
      }
      return join(newMember());
    } catch (Inviter.Declined e) {
      return new ChangeResult.Refused(
          node.name() + " at " + node.http() + " does not come: " + e.getMessage());
    } catch (IOException e) {
      return new ChangeResult.NotNow(
          node.name() + " at " + node.http() + " does not answer: " + e.getMessage());
    } catch (Ended e) {
      return e.result;
    } catch (NotLeader e) {
      return new ChangeResult.LeaderElsewhere();
    } catch (Unavailable e) {
      return replica.isLeader()
          ? new ChangeResult.NotNow(goal.text() + ": " + e.getMessage())
          : new ChangeResult.LeaderElsewhere();
    }
  }

  private Member newMember() throws IOException, Inviter.Declined, InterruptedException {
    List<ClusterMember> members = new ArrayList<>();
    for (Member member : gate.present().all()) {
      members.add(
          new ClusterMember(
              new MemberAddress(
                  member.name(),
                  Address.parse(member.httpAddress()),
                  Address.parse(member.raftAddress())),
              member.incarnation()));
    }
    String incarnation =
        inviter.invite(new Invitation(cluster.clusterId(), cluster.shape(), goal.node(), members));
    return new Member(
        goal.node().name(),
        incarnation,
        goal.node().raft().toString(),
        goal.node().http().toString());
  }

  private ChangeResult join(Member node)
      throws NotLeader, Unavailable, Ended, InterruptedException {
    Membership now = gate.present();
    if (goal.kind() == JoinGoal.Kind.ADD) {
      String refusal = JoinRules.addRefusal(now, goal.node(), node.incarnation());
      if (!refusal.isEmpty()) {
        return new ChangeResult.Refused(refusal);
      }
    }
    if (ShardMembers.areSettled(shards) && now.isVoter(node)) {
      return new ChangeResult.Done(node.name() + " is a voter");
    }
    step = "the node starts";
    awaitRunning(node);
    step = "the node receives the log";
    changes.make(new Place(node, false));
    for (ShardReplica shard : shards) {
      awaitListed(node, shard);
      awaitCaughtUp(node, shard);
    }
    step = "the node becomes a voter";
    changes.make(new Place(node, true));
    awaitFollowed();
    return new ChangeResult.Done(node.name() + " is a voter now");
  }

  private void awaitRunning(Member node) throws Ended, InterruptedException {
    long start = System.nanoTime();
    while (stateOf(node).filter(NodeProbe.State::runs).isEmpty()) {
      if (System.nanoTime() - start > START_LIMIT.toNanos()) {
        throw ended(" has not started its replica within " + START_LIMIT.toSeconds() + " s");
      }
      Pause.of(PAUSE);
    }
  }

  /** Empty too where what listens there has another incarnation. */
  private Optional<NodeProbe.State> stateOf(Member node) throws InterruptedException {
    return probe
        .state(node.httpAddress())
        .filter(state -> state.incarnation().equals(node.incarnation()));
  }

  /** That the node is on a list, and its name nowhere else, but for the lost voter until then. */
  private final class Place implements RepeatedChange.Target {
    private final Member node;
    private final boolean votes;
    private long seen = System.nanoTime();

    Place(Member node, boolean votes) {
      this.node = node;
      this.votes = votes;
    }

    @Override
    public boolean isReached(Membership now) {
      return votes ? now.isVoter(node) : now.contains(node.id());
    }

    @Override
    public List<Member> voters(Membership now) {
      return votes ? withNode(now.voters()) : now.voters();
    }

    @Override
    public List<Member> listeners(Membership now) {
      return votes ? others(now.listeners()) : withNode(now.listeners());
    }

    private List<Member> withNode(List<Member> members) {
      List<Member> list = others(members);
      list.add(node);
      return list;
    }

    private List<Member> others(List<Member> members) {
      List<Member> others = new ArrayList<>(members);
      others.removeIf(member -> member.name().equals(node.name()));
      return others;
    }

    @Override
    public boolean goesOn() throws InterruptedException {
      if (stateOf(node).isPresent()) {
        seen = System.nanoTime();
      }
      return System.nanoTime() - seen < SILENCE_LIMIT.toNanos();
    }
  }

  /**
   * The shard's leader makes it a listener, which takes as long as receiving what there is; that
   * moves no index.
   */
  private void awaitListed(Member node, ShardReplica shard) throws Ended, InterruptedException {
    long seen = System.nanoTime();
    while (!shard.membership().present().contains(node.id())) {
      step = "the node receives the log of shard " + shard.shard();
      requireLeading();
      if (shard.leader() != null && stateOf(node).isPresent()) {
        seen = System.nanoTime();
      } else if (System.nanoTime() - seen > SILENCE_LIMIT.toNanos()) {
        throw ended(
            " has not received shard "
                + shard.shard()
                + ": the node does not answer, or the shard has no leader");
      }
      Pause.of(PAUSE);
    }
  }

  private void awaitCaughtUp(Member node, ShardReplica shard) throws Ended, InterruptedException {
    long committed = shard.status().commitIndex();
    long applied = -1;
    long moved = System.nanoTime();
    while (applied < committed) {
      requireLeading();
      long before = applied;
      applied =
          probe
              .state(node.httpAddress(), shard.shard())
              .filter(state -> state.incarnation().equals(node.incarnation()))
              .map(NodeProbe.State::appliedIndex)
              .orElse(applied);
      step =
          "the node catches up"
              + (shards.size() == 1 ? ", " : " in shard " + shard.shard() + ", ")
              + Math.max(0, committed - applied)
              + " entries are left";
      if (applied > before) {
        moved = System.nanoTime();
      } else if (System.nanoTime() - moved > STAND_STILL_LIMIT.toNanos()) {
        throw ended(" stands still at entry " + applied + " of " + committed);
      }
      Pause.of(PAUSE);
    }
  }

  private void requireLeading() throws Ended {
    if (!replica.isLeader()) {
      throw new Ended(new ChangeResult.LeaderElsewhere());
    }
  }

  /** The other shards make their members the same. */
  private void awaitFollowed() throws Ended, InterruptedException {
    long start = System.nanoTime();
    while (true) {
      Optional<ShardReplica> lagging = ShardMembers.lagging(shards);
      if (lagging.isEmpty()) {
        return;
      }
      step = "shard " + lagging.get().shard() + " follows";
      requireLeading();
      if (System.nanoTime() - start > STAND_STILL_LIMIT.toNanos()) {
        throw ended(
            " is a voter in the first shard, and shard "
                + lagging.get().shard()
                + " has not followed yet");
      }
      Pause.of(PAUSE);
    }
  }

  private Ended ended(String why) {
    return new Ended(new ChangeResult.NotNow(goal.node().name() + why));
  }
}
