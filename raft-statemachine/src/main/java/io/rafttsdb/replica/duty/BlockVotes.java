package io.rafttsdb.replica.duty;

import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.Manifest;
import io.rafttsdb.storage.manifest.ManifestPart;
import io.rafttsdb.storage.manifest.OrderedCompaction;
import io.rafttsdb.storage.model.Ulid;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the voters found when they built blocks. A block counts once a majority of all voters found
 * the same.
 *
 * @param voters how many there are, those that say nothing included
 * @param reports what each of the others, and this node, has found
 */
record BlockVotes(int voters, List<Map<Ulid, BlockFacts>> reports) {

  BlockVotes {
    reports = List.copyOf(reports);
    if (voters < 1 || reports.size() > voters) {
      throw new IllegalArgumentException(reports.size() + " reports of " + voters + " voters");
    }
  }

  /** Names of blocks that a manifest waits for: of parts first, then of ordered compactions. */
  static List<Ulid> pending(Manifest manifest) {
    List<Ulid> pending = new ArrayList<>();
    manifest.parts().stream()
        .filter(part -> !part.isBuilt())
        .map(ManifestPart::ulid)
        .forEach(pending::add);
    manifest.compactions().stream().map(OrderedCompaction::result).forEach(pending::add);
    return pending;
  }

  /** What a majority found of a block. */
  Optional<BlockFacts> majority(Ulid ulid) {
    return counts(ulid).entrySet().stream()
        .filter(each -> each.getValue() > voters / 2)
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /** Whether a majority can't come about any more, since those who found something disagree. */
  boolean isSplit(Ulid ulid) {
    Map<BlockFacts, Integer> counts = counts(ulid);
    int most = counts.values().stream().mapToInt(Integer::intValue).max().orElse(0);
    int silent = voters - counts.values().stream().mapToInt(Integer::intValue).sum();
    return most + silent <= voters / 2;
  }

  private Map<BlockFacts, Integer> counts(Ulid ulid) {
    Map<BlockFacts, Integer> counts = new HashMap<>();
    for (Map<Ulid, BlockFacts> report : reports) {
      BlockFacts facts = report.get(ulid);
      if (facts != null) {
        counts.merge(facts, 1, Integer::sum);
      }
    }
    return counts;
  }
}
