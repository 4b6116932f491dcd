package io.rafttsdb.replica;

import io.rafttsdb.replica.duty.BytePace;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.model.Ulid;
import io.rafttsdb.storage.part.PartStore;
import java.io.IOException;
import java.util.List;
import org.apache.ratis.server.protocol.TermIndex;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands this node's state after a Freeze entry to who wants it: to the comparison of the replicas,
 * and then to the holder of a ticket for the entry's name. Entries that the log had at the start
 * are replayed and nobody's matter any more.
 */
final class Freezes {
  private static final Logger LOG = LoggerFactory.getLogger(Freezes.class);

  private final StateHashes hashes;
  private final PartStore store;
  private final BytePace pace;
  private volatile long replayTo = Long.MAX_VALUE;
  private volatile @Nullable FreezeTicket ticket;

  /**
   * The freezes of a replica.
   *
   * @param pace at which a state that was handed over is written
   */
  Freezes(StateHashes hashes, PartStore store, BytePace pace) {
    this.hashes = hashes;
    this.store = store;
    this.pace = pace;
  }

  /**
   * Says which entries are new.
   *
   * @param lastIndex last entry of the log at this start
   */
  void replayTo(long lastIndex) {
    replayTo = lastIndex;
  }

  /**
   * Announces an entry. One at a time, so that memory is held for one state.
   *
   * @throws IllegalStateException while there is another ticket
   */
  synchronized FreezeTicket announce(Ulid name) {
    if (ticket != null) {
      throw new IllegalStateException("one state of this replica is wanted already");
    }
    FreezeTicket made = new FreezeTicket(name, () -> ticket = null);
    ticket = made;
    return made;
  }

  /** Apply thread, right after the entry: freezes what is wanted, and does not wait. */
  void applied(Ulid name, TermIndex entry, Tsdb tsdb) {
    if (entry.getIndex() <= replayTo) {
      return;
    }
    FreezeTicket wanted = ticket;
    if (wanted != null && wanted.name().equals(name)) {
      FrozenState state = FrozenState.of(tsdb, store, entry, List.of());
      hashes.offer(name, state.tsdb(), () -> hand(state, wanted));
    } else {
      hashes.offer(name, tsdb);
    }
  }

  private void hand(FrozenState state, FreezeTicket wanted) {
    if (!wanted.complete(new FrozenShard(state, pace))) {
      close(state);
    }
  }

  private static void close(FrozenState state) {
    try {
      state.close();
    } catch (IOException e) {
      LOG.warn("blocks that nothing needs any more could not be removed", e);
    }
  }
}
