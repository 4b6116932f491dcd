package io.rafttsdb.replica;

import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.model.Ulid;
import org.apache.ratis.server.protocol.TermIndex;

/**
 * Hands this node's state after a Freeze entry to who wants it. Entries that the log had at the
 * start are replayed and nobody's matter any more.
 */
final class Freezes {
  private final StateHashes hashes;
  private volatile long replayTo = Long.MAX_VALUE;

  Freezes(StateHashes hashes) {
    this.hashes = hashes;
  }

  /**
   * Says which entries are new.
   *
   * @param lastIndex last entry of the log at this start
   */
  void replayTo(long lastIndex) {
    replayTo = lastIndex;
  }

  /** Apply thread, right after the entry: freezes what is wanted, and does not wait. */
  void applied(Ulid name, TermIndex entry, Tsdb tsdb) {
    if (entry.getIndex() > replayTo) {
      hashes.offer(name, tsdb);
    }
  }
}
