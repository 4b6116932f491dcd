package io.rafttsdb.node.members;

import io.rafttsdb.replica.Member;
import io.rafttsdb.replica.Membership;
import io.rafttsdb.replica.ReplicaFailure.NotLeader;
import io.rafttsdb.replica.ReplicaFailure.Unavailable;
import io.rafttsdb.replica.ShardReplica;
import java.time.Duration;
import java.util.List;

/**
 * A change of the membership that is tried again while another one is just ending, as it is for a
 * moment on each new leader.
 */
final class RepeatedChange {

  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final int TRIES_MAX = 30;

  private final ShardReplica replica;

  RepeatedChange(ShardReplica replica) {
    this.replica = replica;
  }

  /** What shall be. Asked before each try, since who else belongs to the cluster may change. */
  interface Target {

    /** Whether a membership is as it shall be. */
    boolean isReached(Membership now);

    List<Member> voters(Membership now);

    List<Member> listeners(Membership now);

    /** Whether it makes sense to wait on, or to try once more. */
    boolean goesOn() throws InterruptedException;
  }

  /** Returns when it is done. */
  void make(Target target) throws NotLeader, Unavailable, InterruptedException {
    for (int tries = 1; ; tries++) {
      Membership from = replica.membership().present();
      if (from.settled() && target.isReached(from)) {
        return;
      }
      try {
        replica
            .membership()
            .change(from, target.voters(from), target.listeners(from), target::goesOn);
        return;
      } catch (Unavailable e) {
        if (tries == TRIES_MAX || !replica.isLeader() || !target.goesOn()) {
          throw e;
        }
      }
      Pause.of(PAUSE);
    }
  }
}
