package io.rafttsdb.replica;

import io.rafttsdb.storage.Tsdb;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.apache.ratis.server.protocol.TermIndex;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pulls a snapshot from the leader when this node lags behind the leader's log, again and again
 * until there is one. The engine so loaded replaces the present one when Ratis has paused the state
 * machine.
 */
final class SnapshotInstaller {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotInstaller.class);
  private static final Duration BACK_OFF_MIN = Duration.ofSeconds(1);
  private static final Duration BACK_OFF_MAX = Duration.ofSeconds(30);

  private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

  private final SnapshotPull pull;
  private final Supplier<List<Member>> peers;
  private final String threadName;
  private final FatalOnce fatal;
  private volatile @Nullable LoadedState loaded;
  private volatile @Nullable Thread puller;
  private int failuresInRow; // owned by the pulls, which come one after the other

  private final LongAdder installed = new LongAdder();
  private final LongAdder failed = new LongAdder();

  /**
   * An installer.
   *
   * @param peers the other nodes
   */
  SnapshotInstaller(
      ReplicaConfig config, SnapshotPull pull, Supplier<List<Member>> peers, FatalOnce fatal) {
    this.pull = pull;
    this.peers = peers;
    this.fatal = fatal;
    this.threadName = config.threadName() + "-install";
  }

  /**
   * Starts a pull.
   *
   * @param firstIndex of the leader's log: the snapshot must reach up to the entry before it
   * @param present the engine that it will replace
   * @return the snapshot's last entry; null after a while when there was none to be had, upon which
   *     Ratis asks again
   */
  CompletableFuture<TermIndex> install(@Nullable Member leader, long firstIndex, Tsdb present) {
    CompletableFuture<TermIndex> result = new CompletableFuture<>();
    puller =
        Thread.ofVirtual()
            .name(threadName)
            .uncaughtExceptionHandler(
                (thread, error) -> fatal.fatal("receiving a snapshot failed", error))
            .start(() -> {
              try {
                if (leader == null) {
                  throw new IOException("the leader has no known address");
                }
                LoadedState state = pull.pull(leader, blockPeers(leader), firstIndex, present);
                loaded = state;
                installed.increment();
                failuresInRow = 0;
                result.complete(state.applied());
              } catch (IOException | InterruptedException e) {
                failed.increment();
                Duration wait = backOff();
                LOG.warn("no snapshot from {}; again in {}", leader, wait, e);
                result.completeOnTimeout(null, wait.toMillis(), TimeUnit.MILLISECONDS);
              }
            });
    return result;
  }

  private Duration backOff() {
    Duration wait = BACK_OFF_MIN.multipliedBy(1L << Math.min(failuresInRow, 10));
    failuresInRow++;
    return wait.compareTo(BACK_OFF_MAX) < 0 ? wait : BACK_OFF_MAX;
  }

  /** The leader last: it has most to do. */
  private List<Member> blockPeers(Member leader) {
    List<Member> asked = new ArrayList<>(peers.get());
    asked.remove(leader);
    asked.add(leader);
    return asked;
  }

  /** The engine of the last pull, once; null where there was none. */
  @Nullable LoadedState takeLoaded() {
    LoadedState state = loaded;
    loaded = null;
    return state;
  }

  /** The engine of {@link #takeLoaded} is the one that queries see. */
  void replaced() {
    pull.replaced();
  }

  /** Breaks off a pull that is under way and waits for its end: the directory is let go then. */
  void stop() {
    Thread thread = puller;
    if (thread == null) {
      return;
    }
    thread.interrupt();
    try {
      if (!thread.join(STOP_LIMIT)) {
        LOG.warn("a pull of a snapshot did not end within {}", STOP_LIMIT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  long installed() {
    return installed.sum();
  }

  long failed() {
    return failed.sum();
  }
}
