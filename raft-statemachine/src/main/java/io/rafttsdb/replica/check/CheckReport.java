package io.rafttsdb.replica.check;

import io.rafttsdb.storage.manifest.Digest;
import java.util.List;
import java.util.Optional;

/**
 * What a node says of its state.
 *
 * @param appliedIndex of the last entry that it has applied
 * @param settledIndex up to which it has hashed what it ever will: a Freeze entry there, without a
 *     hash here, gets none any more, as one before the node's present state began; -1 where it does
 *     not know
 * @param hashes after the last Freeze entries, oldest first
 */
public record CheckReport(long appliedIndex, long settledIndex, List<StateHash> hashes) {

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

  /** Whether the node will never say what it found after the same entry as another one. */
  public boolean hasPassed(StateHash other) {
    return settledIndex >= other.index() && hashAt(other).isEmpty();
  }
}
