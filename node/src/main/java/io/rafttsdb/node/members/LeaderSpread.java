package io.rafttsdb.node.members;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * How the leaders of the shards are spread over the voters: only those of the highest priority that
 * are fit lead, and of these who leads at least two more than another hands over, the shards of the
 * highest numbers first. So it comes to an end wherever it begins, and a difference of one stays as
 * it is. Decides; does nothing.
 */
final class LeaderSpread {

  private LeaderSpread() {}

  /** A shard, and who should lead it. */
  record Move(int shard, String to) {}

  /**
   * What a node should hand over.
   *
   * @param leaders names of those who lead, by shard; empty where nobody is known to
   * @param own priority of the node itself
   * @param fit the other voters that may lead, with their priorities
   */
  static List<Move> of(List<String> leaders, String self, int own, Map<String, Integer> fit) {
    int highest = fit.values().stream().mapToInt(Integer::intValue).max().orElse(-1);
    if (highest < own || leaders.contains("")) {
      return List.of();
    }
    Set<String> best = new TreeSet<>();
    fit.forEach((name, priority) -> {
      if (priority == highest) {
        best.add(name);
      }
    });
    Map<String, Integer> counts = new HashMap<>();
    leaders.forEach(leader -> counts.merge(leader, 1, Integer::sum));
    int led = counts.getOrDefault(self, 0);
    List<Move> moves = new ArrayList<>();
    for (int shard = leaders.size() - 1; shard >= 0; shard--) {
      String to = fewest(counts, best).orElseThrow();
      if (own == highest && led - counts.getOrDefault(to, 0) < 2) {
        break;
      }
      if (leaders.get(shard).equals(self)) {
        moves.add(new Move(shard, to));
        counts.merge(to, 1, Integer::sum);
        led--;
      }
    }
    return moves;
  }

  /** Of those that lead as few, the first by name. */
  private static Optional<String> fewest(Map<String, Integer> counts, Set<String> names) {
    return new TreeSet<>(names)
        .stream().min(Comparator.comparingInt(name -> counts.getOrDefault(name, 0)));
  }
}
