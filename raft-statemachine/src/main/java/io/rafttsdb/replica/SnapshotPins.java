package io.rafttsdb.replica;

import io.rafttsdb.replica.disk.SnapshotDirectory;
import io.rafttsdb.replica.disk.SnapshotLease;
import io.rafttsdb.replica.disk.SnapshotManifest;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Snapshots that other nodes pull: each stays from deletion for {@link #DURATION} after the last
 * request for it. Safe for any thread.
 */
final class SnapshotPins {

  /** How long a pin lasts without a request. */
  static final Duration DURATION = Duration.ofMinutes(10);

  /** Pinned at one time; the one that was asked for longest ago goes before another. */
  static final int COUNT_MAX = 4;

  private record Pin(SnapshotLease lease, long untilNanos) {}

  private final SnapshotDirectory snapshots;
  private final LongSupplier nanos;
  private final Map<String, Pin> pins = new LinkedHashMap<>(); // by last request; guarded by this

  /**
   * Pins of a directory.
   *
   * @param nanos a clock like System.nanoTime
   */
  SnapshotPins(SnapshotDirectory snapshots, LongSupplier nanos) {
    this.snapshots = snapshots;
    this.nanos = nanos;
  }

  /** Pins the newest snapshot; empty where there is none. */
  synchronized Optional<SnapshotManifest> pinNewest() {
    Optional<SnapshotLease> newest = snapshots.lease();
    newest.ifPresent(lease -> {
      release(lease.manifest().name());
      if (pins.size() >= COUNT_MAX) {
        release(pins.keySet().iterator().next());
      }
      pins.put(lease.manifest().name(), new Pin(lease, deadline()));
    });
    return newest.map(SnapshotLease::manifest);
  }

  /** Renews a pin; nothing happens where there is none. */
  synchronized void renew(String snapshot) {
    Pin pin = pins.remove(snapshot);
    if (pin != null) {
      pins.put(snapshot, new Pin(pin.lease, deadline()));
    }
  }

  /** Lets go of the pins that nobody has asked for in time. */
  synchronized void expire() {
    long now = nanos.getAsLong();
    pins.values()
        .removeIf(pin -> {
          boolean expired = pin.untilNanos - now < 0;
          if (expired) {
            pin.lease.close();
          }
          return expired;
        });
  }

  private void release(String snapshot) {
    Pin pin = pins.remove(snapshot);
    if (pin != null) {
      pin.lease.close();
    }
  }

  private long deadline() {
    return nanos.getAsLong() + DURATION.toNanos();
  }

  synchronized int count() {
    return pins.size();
  }
}
