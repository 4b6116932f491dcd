package io.rafttsdb.replica.check;

import io.rafttsdb.storage.manifest.Digest;
import java.util.List;
import java.util.Optional;

/**
 * What a node says of its state.
 *
 * @param appliedIndex of the last entry that it has applied
 * @param hashes after the last Freeze entries, oldest first
 */
public record CheckReport(long appliedIndex, List<StateHash> hashes) {

  /** A node keeps so many. */
  public static final int HASHES_MAX = 8;

  public CheckReport {
    hashes = List.copyOf(hashes);
    if (hashes.size() > HASHES_MAX) {
      throw new IllegalArgumentException(hashes.size() + " hashes, expected at most " + HASHES_MAX);
    }
  }

  /** What the node found after the same entry as another one. */
  public Optional<Digest> hashAt(StateHash other) {
    return hashes.stream()
        .filter(each -> each.index() == other.index() && each.name().equals(other.name()))
        .map(StateHash::hash)
        .findFirst();
  }
}
