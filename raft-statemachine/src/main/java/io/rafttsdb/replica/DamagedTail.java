package io.rafttsdb.replica;

import io.rafttsdb.replica.disk.CommitMark;
import io.rafttsdb.replica.disk.DirectoryLock;
import io.rafttsdb.replica.disk.LogCut;
import io.rafttsdb.replica.disk.LossNotAccepted;
import io.rafttsdb.replica.disk.StartRefused;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What of a log can't be read, from its first bad record on.
 *
 * @param keptIndex of the last entry that stays
 * @param losses a line each
 * @param aside where what is cut off is kept
 */
public record DamagedTail(long keptIndex, List<String> losses, Path aside) {

  public DamagedTail {
    losses = List.copyOf(losses);
  }

  /**
   * Finds the damage of a shard that nobody runs on, and cuts it away where that is accepted.
   *
   * @return empty where a start would not refuse the log
   * @throws StartRefused where the directory is in use, or cutting does not help
   */
  public static Optional<DamagedTail> repair(Path directory, UUID clusterId, boolean acceptLoss)
      throws IOException, StartRefused {
    try (DirectoryLock _ = DirectoryLock.take(directory)) {
      SurvivorState state = SurvivorState.of(directory, clusterId);
      List<String> losses = state.losses();
      if (losses.isEmpty()) {
        return Optional.empty();
      }
      if (!LogCut.hasVote(state.logDirectory())) {
        throw new LossNotAccepted(
            "the file with this node's term and vote is missing from "
                + state.logDirectory()
                + ": cutting the log does not help; raft-tsdb recover makes a new cluster of what"
                + " is there",
            losses);
      }
      Path aside = directory.resolve("cut-from-" + (state.log().lastIndex() + 1));
      DamagedTail tail = new DamagedTail(state.log().lastIndex(), losses, aside);
      if (acceptLoss) {
        LogCut.after(state.logDirectory(), state.log(), aside);
        new CommitMark(state.log().lastTerm(), state.log().lastIndex()).write(directory);
      }
      return Optional.of(tail);
    }
  }

  /** For a person. */
  public String text() {
    return "The log is damaged:\n  "
        + String.join("\n  ", losses)
        + "\nThe last entry that stays is "
        + keptIndex
        + ".";
  }
}
