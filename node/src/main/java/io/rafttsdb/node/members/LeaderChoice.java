package io.rafttsdb.node.members;

import io.rafttsdb.replica.Member;
import io.rafttsdb.replica.Membership;
import io.rafttsdb.replica.ReplicaFailure.NotLeader;
import io.rafttsdb.replica.ReplicaFailure.Unavailable;
import io.rafttsdb.replica.ShardReplica;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Hands leadership over, on the leader: only to a voter that has applied what was committed when it
 * was asked, so that it serves at once.
 */
final class LeaderChoice {

  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final Duration TRANSFER_LIMIT = Duration.ofSeconds(3);

  private final ShardReplica replica;
  private final Member self;
  private final NodeProbe probe;

  LeaderChoice(ShardReplica replica, Member self, NodeProbe probe) {
    this.replica = replica;
    this.self = self;
    this.probe = probe;
  }

  /** The voters that could lead instead of this node. */
  List<Member> others() {
    return replica.membership().present().voters().stream()
        .filter(voter -> !voter.id().equals(self.id()))
        .toList();
  }

  /**
   * Hands over to the first of some voters that is ready for it.
   *
   * @return the new leader; empty where none was ready within the limit
   * @throws Unavailable where the last try failed
   */
  Optional<Member> handOver(List<Member> candidates, Duration limit)
      throws NotLeader, Unavailable, InterruptedException {
    long committed = replica.status().commitIndex();
    long deadline = System.nanoTime() + limit.toNanos();
    while (System.nanoTime() < deadline) {
      Optional<Member> best = best(candidates, committed);
      if (best.isPresent()) {
        try {
          replica.membership().transfer(best.get(), TRANSFER_LIMIT);
          return best;
        } catch (Unavailable e) { // as while a change of the members ends
          if (System.nanoTime() + TRANSFER_LIMIT.toNanos() > deadline || !replica.isLeader()) {
            throw e;
          }
        }
      }
      Pause.of(PAUSE);
    }
    return Optional.empty();
  }

  /**
   * Those that vote in this shard: a voter of the first one may still listen here. It may be the
   * one that has applied the most, and Ratis would refuse it each time.
   */
  static List<Member> electable(List<Member> candidates, Membership now) {
    return candidates.stream().filter(now::isVoter).toList();
  }

  /** The one that has applied the most, if that is enough. */
  private Optional<Member> best(List<Member> candidates, long committed)
      throws InterruptedException {
    Member best = null;
    long bestApplied = committed - 1;
    for (Member candidate : electable(candidates, replica.membership().present())) {
      long applied =
          probe
              .state(candidate.httpAddress(), replica.shard())
              .filter(state -> state.incarnation().equals(candidate.incarnation()))
              .map(NodeProbe.State::appliedIndex)
              .orElse(-1L);
      if (applied > bestApplied) {
        best = candidate;
        bestApplied = applied;
      }
    }
    return Optional.ofNullable(best);
  }
}
