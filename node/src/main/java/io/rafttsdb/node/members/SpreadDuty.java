package io.rafttsdb.node.members;

import io.rafttsdb.node.members.LeaderSpread.Move;
import io.rafttsdb.replica.Member;
import io.rafttsdb.replica.ReplicaFailure;
import io.rafttsdb.replica.ShardReplica;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands shards over as {@link LeaderSpread} says, once the leaders have been the same for a while:
 * a leader that a person has moved stays for so long. {@link PeerRounds} calls it each second; for
 * one thread.
 */
final class SpreadDuty {

  private static final Logger log = LoggerFactory.getLogger(SpreadDuty.class);
  private static final Duration SETTLED = Duration.ofMinutes(1);
  private static final Duration HAND_OVER_LIMIT = Duration.ofSeconds(4);

  private final NodeProbe probe;
  private List<String> leaders = List.of();
  private long sinceNanos = System.nanoTime();

  SpreadDuty(NodeProbe probe) {
    this.probe = probe;
  }

  /**
   * One round.
   *
   * @param self this node as the groups have it
   * @param priority of this node
   * @param fit the other voters that may lead, with their priorities
   */
  void round(List<ShardReplica> shards, Member self, int priority, Map<String, Integer> fit)
      throws InterruptedException {
    List<String> now = shards.stream().map(SpreadDuty::leader).toList();
    if (!now.equals(leaders)) {
      leaders = now;
      sinceNanos = System.nanoTime();
      return;
    }
    if (System.nanoTime() - sinceNanos < SETTLED.toNanos()) {
      return;
    }
    sinceNanos = System.nanoTime(); // also where it comes to nothing
    for (Move move : LeaderSpread.of(now, self.name(), priority, fit)) {
      handOver(shards.get(move.shard()), self, move.to());
    }
  }

  private static String leader(ShardReplica shard) {
    Member leader = shard.leader();
    return leader == null ? "" : leader.name();
  }

  private void handOver(ShardReplica shard, Member self, String to) throws InterruptedException {
    LeaderChoice choice = new LeaderChoice(shard, self, probe);
    List<Member> candidates =
        choice.others().stream().filter(other -> other.name().equals(to)).toList();
    if (candidates.isEmpty()) {
      return;
    }
    try {
      Optional<Member> leader = choice.handOver(candidates, HAND_OVER_LIMIT);
      log.info(
          "shard {}: {}",
          shard.shard(),
          leader.map(m -> m.name() + " leads now").orElse(to + " was not ready to lead"));
    } catch (ReplicaFailure e) {
      log.info("shard {} was not handed over: {}", shard.shard(), e.getMessage());
    }
  }
}
