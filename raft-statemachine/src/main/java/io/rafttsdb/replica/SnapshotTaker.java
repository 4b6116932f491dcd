package io.rafttsdb.replica;

import io.rafttsdb.replica.disk.SnapshotDirectory;
import io.rafttsdb.replica.disk.SnapshotManifest;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.part.PartStore;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes snapshots of this node, each on its own: when so much log was applied since the last one,
 * or so much time went by. The apply thread only freezes the engine; the image is written and the
 * blocks are linked behind. The log may go as far as the <em>older</em> of the two snapshots kept,
 * so that it goes on from either. A state that this node could not rebuild from its own files is
 * refused: no snapshot, no purge, and another try later.
 */
final class SnapshotTaker {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotTaker.class);

  private final SnapshotDirectory snapshots;
  private final SnapshotWriter writer;
  private final PartStore store;
  private final ReplicaLimits limits;
  private final double offset;
  private final Executor behind;

  private final AtomicLong logBytes = new AtomicLong(); // applied since the last freeze
  private volatile long lastNanos = System.nanoTime();
  private volatile long notBeforeNanos = lastNanos;
  private volatile long writtenBytes;
  private volatile boolean wanted;
  private volatile boolean ended;
  private volatile @Nullable CompletableFuture<Void> writing; // set by the apply thread
  private volatile List<String> members;
  private volatile long reportedPurge;

  private final LongAdder taken = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder uncovered = new LongAdder();
  private volatile double freezeSeconds;
  private volatile double writeSeconds;

  SnapshotTaker(
      ReplicaConfig config,
      SnapshotDirectory snapshots,
      SnapshotWriter writer,
      PartStore store,
      FatalOnce fatal) {
    this(config, snapshots, writer, store, writingThread(config, fatal));
  }

  /**
   * A taker that writes elsewhere.
   *
   * @param behind where a frozen snapshot is written, one at a time
   */
  SnapshotTaker(
      ReplicaConfig config,
      SnapshotDirectory snapshots,
      SnapshotWriter writer,
      PartStore store,
      Executor behind) {
    this.snapshots = snapshots;
    this.writer = writer;
    this.store = store;
    this.behind = behind;
    this.limits = config.limits();
    // Nodes that apply the same log at the same pace would all write at the same moment.
    this.offset = 1 + 0.25 * config.position() / config.members().size();
    this.members = config.members().stream().map(SnapshotTaker::describe).toList();
    this.writtenBytes = snapshots.newest().map(SnapshotManifest::writtenBytes).orElse(0L);
    setStart(newestIndex());
  }

  private static Executor writingThread(ReplicaConfig config, FatalOnce fatal) {
    Thread.Builder thread =
        Thread.ofPlatform()
            .name(config.threadName() + "-snapshot")
            .daemon()
            .uncaughtExceptionHandler(
                (failed, error) -> fatal.fatal("writing a snapshot failed", error));
    return writing -> {
      Thread _ = thread.start(writing);
    };
  }

  private long newestIndex() {
    return snapshots.newest().map(SnapshotManifest::index).orElse(RaftLog.INVALID_LOG_INDEX);
  }

  /**
   * The engine was loaded from the snapshot of this index. Ratis holds the log to be purged up to
   * it and fails when it is then told a smaller index.
   */
  void setStart(long snapshotIndex) {
    reportedPurge = Math.max(snapshotIndex - 1, RaftLog.INVALID_LOG_INDEX);
    logBytes.set(0);
  }

  static String describe(Member member) {
    return describe(member.id(), member.raftAddress(), member.httpAddress());
  }

  static String describe(String id, String raftAddress, String httpAddress) {
    return id + " " + raftAddress + " " + httpAddress;
  }

  /** Apply thread: the members as of the entry that is being applied. */
  void setMembers(List<String> current) {
    members = List.copyOf(current);
  }

  /** Apply thread: an entry of so many bytes was applied. */
  void applied(int entryBytes) {
    logBytes.addAndGet(entryBytes);
  }

  /**
   * Any thread: whether Ratis should be asked to call {@link #take}. It does so only when something
   * was applied since the newest snapshot.
   */
  boolean isDue(long nowNanos, long appliedIndex) {
    if (ended || isWriting() || appliedIndex <= newestIndex()) {
      return false;
    }
    if (purgeIndex() > reportedPurge) {
      return true;
    }
    if (nowNanos - notBeforeNanos < 0) {
      return false;
    }
    long bytes = logBytes.get();
    double bytesDue = Math.max(limits.snapshotLogBytes(), writtenBytes) * offset;
    double nanosDue = limits.snapshotInterval().toNanos() * offset;
    if (bytes > 0 && (bytes >= bytesDue || nowNanos - lastNanos >= nanosDue)) {
      wanted = true;
    }
    return wanted;
  }

  /**
   * Any thread: from now on nothing is taken and no log goes, since the state is wrong. One that is
   * being written is finished.
   */
  void end() {
    ended = true;
    CompletableFuture<Void> before = writing;
    if (before != null) {
      before.join();
    }
  }

  /**
   * Apply thread, between two entries: starts a snapshot if one is due.
   *
   * @return the index up to which the log may go, when it has grown; else a negative number
   */
  long take(Tsdb tsdb, TermIndex applied) {
    if (ended) {
      return RaftLog.INVALID_LOG_INDEX;
    }
    if (wanted && !isWriting()) {
      wanted = false;
      long bytes = logBytes.get();
      FrozenState frozen = freeze(tsdb, applied);
      CompletableFuture<Void> done = new CompletableFuture<>();
      writing = done;
      behind.execute(() -> {
        try {
          writeBehind(frozen, bytes);
        } finally {
          done.complete(null);
        }
      });
    }
    return newPurgeIndex();
  }

  /**
   * Apply thread, at a clean stop: the state as it is, finished when this returns. Where it can't
   * be, the log makes up for it at the next start.
   */
  long takeLast(Tsdb tsdb, TermIndex applied) {
    CompletableFuture<Void> before = writing;
    if (before != null) {
      before.join();
    }
    if (ended) {
      return RaftLog.INVALID_LOG_INDEX;
    }
    if (applied.getIndex() > newestIndex()) {
      long bytes = logBytes.get();
      writeBehind(freeze(tsdb, applied), bytes);
    }
    return newPurgeIndex();
  }

  private FrozenState freeze(Tsdb tsdb, TermIndex applied) {
    long start = System.nanoTime();
    FrozenState frozen = FrozenState.of(tsdb, store, applied, members);
    logBytes.set(0);
    lastNanos = start;
    freezeSeconds = secondsSince(start);
    return frozen;
  }

  private void writeBehind(FrozenState frozen, long bytes) {
    try (frozen) {
      write(frozen);
    } catch (Uncovered e) {
      uncovered.increment();
      tryAgainLater(bytes);
      LOG.warn("no snapshot {}; the log is kept: {}", frozen.applied(), e.getMessage());
    } catch (IOException e) {
      failed.increment();
      tryAgainLater(bytes);
      LOG.error("snapshot {} failed; the log is kept", frozen.applied(), e);
    }
  }

  private void tryAgainLater(long bytes) {
    logBytes.addAndGet(bytes);
    notBeforeNanos = System.nanoTime() + limits.snapshotRetry().toNanos();
  }

  private void write(FrozenState frozen) throws IOException {
    long start = System.nanoTime();
    SnapshotManifest manifest = writer.write(frozen);
    snapshots.deleteOld();
    writtenBytes = manifest.writtenBytes();
    writeSeconds = secondsSince(start);
    taken.increment();
    LOG.info(
        "snapshot {} of {} bytes and {} blocks in {} s",
        manifest.name(),
        writtenBytes,
        manifest.blocks().size(),
        writeSeconds);
  }

  private long newPurgeIndex() {
    long index = purgeIndex();
    if (index <= reportedPurge) {
      return RaftLog.INVALID_LOG_INDEX;
    }
    reportedPurge = index;
    return index;
  }

  private long purgeIndex() {
    List<SnapshotManifest> kept = snapshots.list();
    return kept.size() < SnapshotDirectory.KEPT
        ? RaftLog.INVALID_LOG_INDEX
        : kept.get(SnapshotDirectory.KEPT - 1).index();
  }

  private boolean isWriting() {
    CompletableFuture<Void> current = writing;
    return current != null && !current.isDone();
  }

  private static double secondsSince(long startNanos) {
    return (System.nanoTime() - startNanos) / 1e9;
  }

  long taken() {
    return taken.sum();
  }

  long failed() {
    return failed.sum();
  }

  /** Snapshots that were not made because of parts that this node could not rebuild. */
  long uncovered() {
    return uncovered.sum();
  }

  /** Of the last snapshot: how long apply stood still. */
  double freezeSeconds() {
    return freezeSeconds;
  }

  /** Of the last snapshot: how long writing took. */
  double writeSeconds() {
    return writeSeconds;
  }

  /** Log bytes applied since the last snapshot. */
  long logBytes() {
    return logBytes.get();
  }
}
