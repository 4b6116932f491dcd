package io.rafttsdb.replica;

import io.rafttsdb.replica.disk.CommitMark;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.util.LifeCycle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a replica does by itself from time to time, on one thread: it watches the division, keeps
 * the commit mark, asks for snapshots, removes blocks that nothing needs, proposes the first
 * settings when it leads, and finds out when it can serve.
 */
final class ReplicaDuties implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ReplicaDuties.class);
  private static final Duration PERIOD = Duration.ofMillis(200);
  private static final Duration MARK_PERIOD = Duration.ofSeconds(1);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);

  private final RaftGate gate;
  private final TsdbStateMachine machine;
  private final SnapshotTaker taker;
  private final SnapshotPins pins;
  private final BlockSweeper sweeper;
  private final ReadBarrier barrier;
  private final FatalOnce fatal;
  private final Path directory;
  private final SettingsDuty settings;
  private final ScheduledExecutorService executor;

  private CommitMark mark; // owned by the duties' thread, and by close after it
  private long markNanos = System.nanoTime() - MARK_PERIOD.toNanos();
  private final AtomicBoolean probing = new AtomicBoolean();
  private volatile boolean ready;
  private volatile boolean dismissed;

  ReplicaDuties(
      ReplicaConfig config,
      CommitMark mark,
      RaftGate gate,
      TsdbStateMachine machine,
      SnapshotTaker taker,
      SnapshotPins pins,
      BlockSweeper sweeper,
      ReadBarrier barrier,
      FatalOnce fatal) {
    this.gate = gate;
    this.machine = machine;
    this.taker = taker;
    this.pins = pins;
    this.sweeper = sweeper;
    this.barrier = barrier;
    this.fatal = fatal;
    this.directory = config.directory();
    this.settings = new SettingsDuty(gate, machine, config);
    this.mark = mark;
    this.executor =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name(config.threadName() + "-duties").daemon().factory());
  }

  void start() {
    var _ = executor.scheduleWithFixedDelay(this::run, 0, PERIOD.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Any thread: something changed that should not wait for the next turn. */
  void wake() {
    try {
      executor.execute(this::run);
    } catch (RejectedExecutionException e) {
      LOG.debug("woken while stopping", e);
    }
  }

  boolean isReady() {
    return ready;
  }

  /** Whether the division has stopped because the leader said that this node is no member. */
  boolean isDismissed() {
    return dismissed;
  }

  private void run() {
    try {
      watchDivision();
      if (dismissed) {
        return;
      }
      settings.look(ready);
      probe();
      keepMark();
      pins.expire();
      sweep();
      if (taker.isDue(System.nanoTime(), machine.tsdb().publishedIndex())) {
        var _ =
            gate.requestSnapshot()
                .whenComplete((reply, error) -> {
                  if (error != null) {
                    LOG.warn("no snapshot now", error);
                  }
                });
      }
    } catch (IOException e) {
      fatal.fatal("the commit mark can't be written: check the disk", e);
    } catch (RuntimeException | Error e) {
      fatal.fatal("a duty of the replica failed", e);
    }
  }

  /**
   * Ratis closes a division that fails and lives on; this process does not. It also closes one that
   * asks for votes and is no member any more, which is no failure.
   */
  private void watchDivision() {
    LifeCycle.State state = gate.division().getInfo().getLifeCycleState();
    if (state.isClosingOrClosed()
        && !fatal.hasFailed()
        && gate.division().getInfo().getCurrentRole() == RaftPeerRole.CANDIDATE) {
      dismissed = true;
    } else if (state.isClosingOrClosed() || state == LifeCycle.State.EXCEPTION) {
      fatal.fatal("the Ratis division stopped by itself, state " + state, null);
    }
  }

  /** Files that stay too long harm nobody. */
  private void sweep() {
    try {
      sweeper.sweep(machine::tsdb);
    } catch (IOException e) {
      LOG.warn("blocks that are not needed any more could not be removed", e);
    }
  }

  private void probe() {
    if (ready || machine.tsdb().settings() == null || !probing.compareAndSet(false, true)) {
      return;
    }
    var _ =
        barrier
            .join()
            .whenComplete((nothing, error) -> {
              ready = ready || error == null;
              probing.set(false);
            });
  }

  private void keepMark() throws IOException {
    long now = System.nanoTime();
    if (now - markNanos < MARK_PERIOD.toNanos()) {
      return;
    }
    markNanos = now;
    RaftServer.Division division = gate.division();
    if (division.getInfo().getLifeCycleState() != LifeCycle.State.RUNNING) {
      return;
    }
    RaftLog log = division.getRaftLog();
    long index = Math.min(log.getLastCommittedIndex(), log.getFlushIndex());
    TermIndex entry = log.getTermIndex(index);
    if (entry != null) {
      raiseMark(new CommitMark(entry.getTerm(), index));
    }
  }

  private void raiseMark(CommitMark higher) throws IOException {
    if (higher.index() > mark.index()) {
      higher.write(directory);
      mark = higher;
    }
  }

  /** Ends the thread; Ratis may still run. */
  @Override
  public void close() {
    executor.shutdown();
    try {
      if (!executor.awaitTermination(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("the duties' thread did not end within {}", STOP_TIMEOUT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * After the thread and Ratis have ended.
   *
   * @param applied the last applied entry
   * @param flushIndex of the last entry that is on the disk
   */
  void writeLastMark(TermIndex applied, long flushIndex) throws IOException {
    if (applied.getIndex() <= flushIndex) {
      raiseMark(new CommitMark(applied.getTerm(), applied.getIndex()));
    }
  }
}
