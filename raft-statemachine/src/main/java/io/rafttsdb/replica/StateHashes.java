package io.rafttsdb.replica;

import io.rafttsdb.replica.check.CheckReport;
import io.rafttsdb.replica.check.StateHash;
import io.rafttsdb.storage.FrozenTsdb;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.manifest.Digest;
import io.rafttsdb.storage.model.Ulid;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hashes of this node's state after the last Freeze entries. The apply thread only freezes; another
 * thread computes, one at a time. A state that comes while one is being hashed, or waits for it, is
 * skipped: memory is held for one of them.
 */
final class StateHashes {
  private static final Logger LOG = LoggerFactory.getLogger(StateHashes.class);

  /** A state, and what becomes of it when it has been hashed. */
  private record Waiting(Ulid name, FrozenTsdb frozen, Runnable afterwards) {}

  private final AtomicReference<@Nullable Waiting> waiting = new AtomicReference<>();
  private volatile boolean hashing;
  private volatile Runnable wake = () -> {};
  private volatile List<StateHash> known = List.of();
  private volatile double hashSeconds;
  private final LongAdder skipped = new LongAdder();
  private final LongAdder failed = new LongAdder();

  /** Says who is to be woken when a state waits. */
  void wakes(Runnable hasher) {
    wake = hasher;
  }

  /** Apply thread, between two entries: freezes the engine, unless the state is skipped. */
  void offer(Ulid name, Tsdb tsdb) {
    if (isFree()) {
      FrozenTsdb frozen = tsdb.freeze();
      put(new Waiting(name, frozen, frozen::close));
    }
  }

  /**
   * Apply thread: the same for a state that somebody else wants too, so that it is frozen once.
   *
   * @param afterwards passes it on, perhaps at once
   */
  void offer(Ulid name, FrozenTsdb frozen, Runnable afterwards) {
    if (isFree()) {
      put(new Waiting(name, frozen, afterwards));
    } else {
      afterwards.run();
    }
  }

  private boolean isFree() {
    boolean isFree = isIdle();
    if (!isFree) {
      skipped.increment();
    }
    return isFree;
  }

  /** Whether no state waits or is being hashed. On any thread. */
  boolean isIdle() {
    return waiting.get() == null && !hashing; // in this order: hashing begins before the wait ends
  }

  private void put(Waiting next) {
    waiting.set(next);
    wake.run();
  }

  /**
   * Hashes the state that waits, if there is one. For one thread.
   *
   * @return what was found; empty where none waited, or it could not be read
   */
  Optional<StateHash> hashNext() {
    if (waiting.get() == null) {
      return Optional.empty();
    }
    hashing = true;
    Waiting next = waiting.getAndSet(null);
    try {
      return next == null ? Optional.empty() : hash(next);
    } finally {
      hashing = false;
    }
  }

  private Optional<StateHash> hash(Waiting next) {
    long start = System.nanoTime();
    FrozenTsdb frozen = next.frozen;
    try {
      StateHash hash = new StateHash(frozen.index(), next.name, Digest.of(frozen.stateHash()));
      hashSeconds = (System.nanoTime() - start) / 1e9;
      List<StateHash> kept = new ArrayList<>(known);
      kept.add(hash);
      known =
          List.copyOf(kept.subList(Math.max(0, kept.size() - CheckReport.HASHES_MAX), kept.size()));
      return Optional.of(hash);
    } catch (UncheckedIOException e) {
      failed.increment();
      LOG.error("the state after entry {} can't be read and is not compared", frozen.index(), e);
      return Optional.empty();
    } finally {
      next.afterwards.run();
    }
  }

  /** Oldest first. */
  List<StateHash> known() {
    return known;
  }

  /** States that were not hashed since one was under way. */
  long skipped() {
    return skipped.sum();
  }

  /** States that could not be read. */
  long failed() {
    return failed.sum();
  }

  /** How long the last one took. */
  double hashSeconds() {
    return hashSeconds;
  }

  /** After the threads that offer and hash have ended. */
  void close() {
    Waiting left = waiting.getAndSet(null);
    if (left != null) {
      left.afterwards.run();
    }
  }
}
