package io.rafttsdb.replica;

import io.rafttsdb.replica.disk.SnapshotDirectory;
import io.rafttsdb.storage.Tsdb;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.apache.ratis.server.protocol.TermIndex;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replaces the state of a node that differs from a majority's: its log is right, so a snapshot of a
 * node of the majority and the rest of the own log make the right state at the next start.
 *
 * <ol>
 *   <li>The newest snapshot of a node of the majority is pulled, checked and published here.
 *   <li>When this node's log has that snapshot's last entry, its own snapshots go.
 * </ol>
 *
 * <p>A node that dies in between starts with whichever snapshot is the newest, and the next
 * comparison finds it again where that was its own. For one thread.
 */
final class Reinstall {
  private static final Logger LOG = LoggerFactory.getLogger(Reinstall.class);

  private final SnapshotPull pull;
  private final SnapshotDirectory snapshots;
  private final RaftGate gate;
  private final Supplier<Tsdb> engine;
  private final Duration retry;
  private @Nullable TermIndex pulled;
  private long notBeforeNanos = System.nanoTime();

  /**
   * A replacement, not begun.
   *
   * @param retry after which a failed step is tried again
   */
  Reinstall(
      SnapshotPull pull,
      SnapshotDirectory snapshots,
      RaftGate gate,
      Supplier<Tsdb> engine,
      Duration retry) {
    this.pull = pull;
    this.snapshots = snapshots;
    this.gate = gate;
    this.engine = engine;
    this.retry = retry;
  }

  /**
   * Goes on with it; what fails is tried again at a later call.
   *
   * @param majority nodes that have the right state
   * @return whether the next start has the right state
   */
  boolean step(List<Member> majority) throws InterruptedException {
    if (System.nanoTime() - notBeforeNanos < 0) {
      return false;
    }
    try {
      TermIndex snapshot = pulled;
      if (snapshot == null) {
        snapshot = pullFrom(majority);
        pulled = snapshot;
      }
      if (gate.hasForced(snapshot)) {
        snapshots.deleteOthers(snapshot.getTerm(), snapshot.getIndex());
        return true;
      }
    } catch (IOException e) {
      LOG.warn("the state is not replaced yet", e);
      notBeforeNanos = System.nanoTime() + retry.toNanos();
    }
    return false;
  }

  private TermIndex pullFrom(List<Member> majority) throws IOException, InterruptedException {
    IOException failure = new IOException("no node of the majority is known");
    for (Member member : majority) {
      try {
        LoadedState state = pull.pull(member, majority, gate.firstLogIndex(), engine.get());
        state.tsdb().close(); // the next start loads it again, and then the log
        return state.applied();
      } catch (IOException e) {
        e.addSuppressed(failure);
        failure = e;
      }
    }
    throw failure;
  }
}
