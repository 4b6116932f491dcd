package io.rafttsdb.replica.check;

import io.rafttsdb.storage.manifest.Digest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the hashes of the replicas' states after one entry say. A function of the hashes alone, so
 * that every node that has the same ones comes to the same. Nodes that are silent may change it: a
 * majority that is there stays, and what is none may become one.
 */
public sealed interface CheckVerdict {

  /** A majority of the voters has this state, and nobody is known to have another. */
  record Agreed(Digest hash) implements CheckVerdict {}

  /**
   * A majority of the voters has this state, and some nodes have another.
   *
   * @param majority ids of those that have the majority's state, sorted
   * @param minority ids of the others, sorted
   */
  record Diverged(Digest hash, List<String> majority, List<String> minority)
      implements CheckVerdict {
    public Diverged {
      majority = List.copyOf(majority);
      minority = List.copyOf(minority);
    }
  }

  /** Voters have different states, and no majority has the same: nobody knows who is right. */
  record NoMajority() implements CheckVerdict {}

  /** Too few voters have said anything; those that have agree. */
  record Undecided() implements CheckVerdict {}

  /**
   * The verdict.
   *
   * @param voters ids of all, the silent ones included
   * @param hashes by id of a node, which may be one that does not vote
   */
  static CheckVerdict of(Set<String> voters, Map<String, Digest> hashes) {
    Map<Digest, Integer> counts = new HashMap<>();
    hashes.forEach((id, hash) -> {
      if (voters.contains(id)) {
        counts.merge(hash, 1, Integer::sum);
      }
    });
    Optional<Digest> majority =
        counts.entrySet().stream()
            .filter(each -> each.getValue() > voters.size() / 2)
            .map(Map.Entry::getKey)
            .findFirst();
    if (majority.isEmpty()) {
      return counts.size() > 1 ? new NoMajority() : new Undecided();
    }
    Digest hash = majority.get();
    List<String> others = ids(hashes, hash, false);
    return others.isEmpty()
        ? new Agreed(hash)
        : new Diverged(hash, ids(hashes, hash, true), others);
  }

  private static List<String> ids(Map<String, Digest> hashes, Digest hash, boolean same) {
    return hashes.entrySet().stream()
        .filter(each -> each.getValue().equals(hash) == same)
        .map(Map.Entry::getKey)
        .sorted()
        .toList();
  }
}
