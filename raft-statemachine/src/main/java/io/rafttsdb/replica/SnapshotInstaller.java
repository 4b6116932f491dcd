package io.rafttsdb.replica;

import io.rafttsdb.replica.disk.SnapshotDirectory;
import io.rafttsdb.replica.disk.SnapshotManifest;
import io.rafttsdb.replica.disk.SnapshotStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.apache.ratis.server.protocol.TermIndex;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pulls a snapshot from the leader when this node lags behind the leader's log: received into a
 * temporary directory, loaded, its state hash compared, then published by rename. The engine so
 * loaded replaces the present one when Ratis has paused the state machine.
 */
final class SnapshotInstaller {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotInstaller.class);
  private static final Duration BACK_OFF_MIN = Duration.ofSeconds(1);
  private static final Duration BACK_OFF_MAX = Duration.ofSeconds(30);

  private final SnapshotSource source;
  private final SnapshotDirectory snapshots;
  private final String threadName;
  private final FatalOnce fatal;
  private volatile @Nullable LoadedState loaded;
  private volatile @Nullable Thread puller;
  private int failuresInRow; // owned by the pulls, which come one after the other

  private final LongAdder installed = new LongAdder();
  private final LongAdder failed = new LongAdder();

  SnapshotInstaller(
      ReplicaConfig config, SnapshotSource source, SnapshotDirectory snapshots, FatalOnce fatal) {
    this.source = source;
    this.fatal = fatal;
    this.snapshots = snapshots;
    this.threadName = config.self().name() + "-install";
  }

  /**
   * Starts a pull.
   *
   * @param firstIndex of the leader's log: the snapshot must reach up to the entry before it
   * @return the snapshot's last entry; null after a while when there was none to be had, upon which
   *     Ratis asks again
   */
  CompletableFuture<TermIndex> install(@Nullable Member leader, long firstIndex) {
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
                result.complete(pull(leader, firstIndex));
                failuresInRow = 0;
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

  private TermIndex pull(Member leader, long firstIndex) throws IOException, InterruptedException {
    Path temporary = snapshots.temporary("install");
    try (InputStream in = source.open(leader)) {
      SnapshotStream.receive(in, temporary);
    }
    SnapshotManifest manifest = snapshots.verify(temporary);
    if (manifest.index() + 1 < firstIndex) {
      throw new IOException(
          "snapshot " + manifest.name() + " ends before the leader's log begins at " + firstIndex);
    }
    LoadedState state = LoadedState.load(temporary, manifest);
    byte[] hash = state.tsdb().freeze().stateHash();
    if (!Arrays.equals(hash, HexFormat.of().parseHex(manifest.stateHash()))) {
      throw new IOException(
          "snapshot "
              + manifest.name()
              + " gives state hash "
              + HexFormat.of().formatHex(hash)
              + ", its manifest says "
              + manifest.stateHash());
    }
    snapshots.publishReceived(temporary, manifest);
    loaded = state;
    installed.increment();
    LOG.info("received snapshot {} from {}", manifest.name(), leader.name());
    return state.applied();
  }

  /** The engine of the last pull, once; null where there was none. */
  @Nullable LoadedState takeLoaded() {
    LoadedState state = loaded;
    loaded = null;
    return state;
  }

  /** Breaks off a pull that is under way. */
  void stop() {
    Thread thread = puller;
    if (thread != null) {
      thread.interrupt();
    }
  }

  long installed() {
    return installed.sum();
  }

  long failed() {
    return failed.sum();
  }
}
