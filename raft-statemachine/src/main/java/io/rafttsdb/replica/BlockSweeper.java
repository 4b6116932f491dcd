package io.rafttsdb.replica;

import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.manifest.Manifest;
import io.rafttsdb.storage.manifest.ManifestPart;
import io.rafttsdb.storage.manifest.ManifestPart.Parent;
import io.rafttsdb.storage.manifest.OrderedCompaction;
import io.rafttsdb.storage.model.Ulid;
import io.rafttsdb.storage.part.PartStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes the blocks that nothing needs any more, and what was pulled of such. What was on the disk
 * at a start is a candidate: the log may have an entry, not applied again yet, by which it counts.
 * So nothing is removed before all is applied that the log had then.
 *
 * <p>{@link #sweep} is for one thread; all others are for any.
 */
final class BlockSweeper {
  private static final Logger LOG = LoggerFactory.getLogger(BlockSweeper.class);

  private final PartStore store;
  private final Path incoming;
  private final Disk disk;
  private volatile long afterIndex = Long.MAX_VALUE;
  private volatile Kept kept = new Kept(Set.of(), 0);

  /** Blocks that stay until a time, by System.nanoTime; put there under {@link #removing}. */
  private final Map<Ulid, Long> heldUntilNanos = new ConcurrentHashMap<>();

  private final ReentrantLock removing = new ReentrantLock();

  private final LongAdder swept = new LongAdder();

  /** Blocks that stay until an engine with all entries before this one is the present one. */
  private record Kept(Set<Ulid> ulids, long index) {}

  /** What a sweep saw. */
  private record Seen(Manifest manifest, Set<Ulid> kept, List<Ulid> here) {}

  private @Nullable Seen done; // of the last sweep that found nothing to do

  /**
   * A sweeper that does nothing before {@link #replayTo}.
   *
   * @param incoming where {@link BlockPuller} leaves blocks
   */
  BlockSweeper(PartStore store, Path incoming, Disk disk) {
    this.store = store;
    this.incoming = incoming;
    this.disk = disk;
  }

  /**
   * Says when the log has been replayed.
   *
   * @param lastIndex last entry of the log at this start
   */
  void replayTo(long lastIndex) {
    afterIndex = lastIndex;
  }

  /**
   * Keeps blocks for now although the present manifest does not name them; in place of others.
   *
   * @param index of the snapshot that has them: an engine that is there, by that snapshot or by the
   *     log, says itself what it needs
   */
  void keep(Collection<Ulid> ulids, long index) {
    kept = new Kept(Set.copyOf(ulids), index);
  }

  /**
   * A block stays for a while although nothing names it. Waits for a removal that is under way: one
   * of that name that is there afterwards stays.
   */
  void hold(Ulid ulid, Duration limit) {
    removing.lock();
    try {
      heldUntilNanos.put(ulid, System.nanoTime() + limit.toNanos());
    } finally {
      removing.unlock();
    }
  }

  /** Something that takes a block away. */
  @FunctionalInterface
  private interface Removal {
    void run() throws IOException;
  }

  /** Takes a block away, unless it has been held since a sweep saw it. */
  private boolean remove(Ulid ulid, Removal removal) throws IOException {
    removing.lock();
    try {
      if (heldUntilNanos.containsKey(ulid)) {
        return false;
      }
      removal.run();
      return true;
    } finally {
      removing.unlock();
    }
  }

  /** Ends a {@link #hold}. */
  void release(Ulid ulid) {
    heldUntilNanos.remove(ulid);
  }

  private Set<Ulid> heldNow() {
    long now = System.nanoTime();
    heldUntilNanos.values().removeIf(until -> now - until >= 0);
    return new HashSet<>(heldUntilNanos.keySet());
  }

  /**
   * Removes what is not needed in the present state, once everything has been replayed.
   *
   * @param engine the present one
   */
  void sweep(Supplier<Tsdb> engine) throws IOException {
    // In this order: a block is kept, or ordered, before it is here; and what was kept for an
    // engine is let go of when that is the present one.
    List<Ulid> here = store.names();
    Kept present = kept;
    Set<Ulid> keptNow = heldNow();
    Tsdb tsdb = engine.get();
    if (tsdb.publishedIndex() < present.index) {
      keptNow.addAll(present.ulids);
    }
    // Without settings the engine is the empty one of a node that may be about to install.
    if (tsdb.publishedIndex() < afterIndex || tsdb.settings() == null) {
      return;
    }
    Manifest manifest = tsdb.manifest();
    Seen seen = new Seen(manifest, keptNow, here);
    if (seen.equals(done)) {
      return;
    }
    Set<Ulid> needed = needed(manifest);
    int before = swept.intValue();
    for (Ulid ulid : here) {
      if (!needed.contains(ulid)
          && !keptNow.contains(ulid)
          && remove(ulid, () -> store.remove(ulid))) {
        swept.increment();
        LOG.info("block {} is not needed any more and was removed", ulid);
      }
    }
    sweepIncoming(needed, keptNow);
    if (swept.intValue() == before) {
      done = seen;
    }
  }

  /** What is pulled belongs to a block of the manifest, or is kept. */
  private void sweepIncoming(Set<Ulid> needed, Set<Ulid> keptNow) throws IOException {
    if (!Files.exists(incoming)) {
      return;
    }
    List<Path> entries;
    try (Stream<Path> listed = Files.list(incoming)) {
      entries = listed.toList();
    }
    for (Path entry : entries) {
      String name = String.valueOf(entry.getFileName());
      String ulid = name.substring(0, Math.min(Ulid.LENGTH, name.length()));
      if (Ulid.isUlid(ulid)
          && !needed.contains(Ulid.parse(ulid))
          && !keptNow.contains(Ulid.parse(ulid))) {
        boolean _ = remove(Ulid.parse(ulid), () -> disk.delete(entry));
      }
    }
  }

  /** The parts, what is ordered, and what stands in for a merged block that is not here. */
  private Set<Ulid> needed(Manifest manifest) {
    Set<Ulid> needed = new HashSet<>();
    manifest.compactions().stream().map(OrderedCompaction::result).forEach(needed::add);
    for (ManifestPart part : manifest.parts()) {
      needed.add(part.ulid());
      if (!store.has(part.ulid())) {
        part.parents().stream().map(Parent::ulid).forEach(needed::add);
      }
    }
    return needed;
  }

  /** Blocks removed since the start. */
  long swept() {
    return swept.sum();
  }
}
