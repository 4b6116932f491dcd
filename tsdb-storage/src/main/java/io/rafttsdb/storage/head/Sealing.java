package io.rafttsdb.storage.head;

import io.rafttsdb.storage.index.LabelIndex;
import io.rafttsdb.storage.model.SealedRange;
import io.rafttsdb.storage.model.Ulid;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What was cut off the Head: how far, which parts wait for their blocks (replicated), which of them
 * this node has in memory (its own matter), and the {@link Sweep} that frees the others.
 *
 * <p>Owned by the apply thread, but for {@link #forget}.
 */
final class Sealing {

  /** No cut while so many parts wait. */
  static final int WAITING_MAX = 2;

  private final SeriesTable table;
  private final LabelIndex index;

  private long sealedUpToMs = Long.MIN_VALUE;

  /** No sample before this is in the Head or in a part in memory; links to them may be severed. */
  private long floorMs = Long.MIN_VALUE;

  private List<SealedRange> waiting = List.of();

  /** In memory, in order of time; each list is immutable. */
  private List<SealedPart> parts = List.of();

  private final Queue<Ulid> toForget = new ConcurrentLinkedQueue<>();
  private final List<SealedPart> forgotten = new ArrayList<>();
  private @Nullable Sweep sweep;
  private long sweptMs = Long.MIN_VALUE;

  Sealing(SeriesTable table, LabelIndex index) {
    this.table = table;
    this.index = index;
  }

  long sealedUpToMs() {
    return sealedUpToMs;
  }

  long floorMs() {
    return floorMs;
  }

  List<SealedRange> waiting() {
    return waiting;
  }

  List<SealedPart> parts() {
    return parts;
  }

  /** Why a cut of this name up to an aligned time is refused, or null. */
  @Nullable String refusal(long upToMs, Ulid ulid) {
    if (upToMs <= sealedUpToMs) {
      return "expected a cut after " + sealedUpToMs + ", the last one, got one at " + upToMs;
    }
    if (waiting.size() >= WAITING_MAX) {
      return "expected at most " + (WAITING_MAX - 1) + " waiting parts, found " + waiting;
    }
    if (isKnown(ulid)) {
      return "expected a new name, but part " + ulid + " is there";
    }
    return null;
  }

  /** Whether apply knows a part of this name; one that waits no more is this node's matter. */
  private boolean isKnown(Ulid ulid) {
    return waiting.stream().anyMatch(range -> range.ulid().equals(ulid));
  }

  /** Moves the border, of which no sample is before. */
  void moveTo(long upToMs) {
    sealedUpToMs = upToMs;
  }

  /** Takes up a part that waits. */
  void add(SealedPart part) {
    waiting = with(waiting, part.range());
    parts = with(parts, part);
    moveTo(part.range().upToMs());
  }

  /** Ends the waiting of a part: the manifest has its block. Whether it was waiting. */
  boolean built(Ulid ulid) {
    boolean isThere = isKnown(ulid);
    waiting = without(waiting, range -> range.ulid().equals(ulid));
    return isThere;
  }

  /** Sets everything from an image, the parts in order of time. */
  void restore(long upToMs, List<SealedRange> waitingRanges) {
    sealedUpToMs = upToMs;
    waiting = List.copyOf(waitingRanges);
  }

  void restore(List<SealedPart> restored) {
    parts = List.copyOf(restored);
    floorMs = lowestMs();
    sweptMs = floorMs;
  }

  /** Asks for a part to be dropped from memory with the next entry. On any thread. */
  void forget(Ulid ulid) {
    toForget.add(ulid);
  }

  /** Drops the parts that were asked for. The state is published before anything is swept. */
  void takeForgotten() {
    for (Ulid ulid = toForget.poll(); ulid != null; ulid = toForget.poll()) {
      Ulid name = ulid;
      Predicate<SealedPart> named = part -> part.range().ulid().equals(name);
      if (forgotten.addAll(parts.stream().filter(named).toList())) {
        parts = without(parts, named);
        floorMs = Math.max(floorMs, lowestMs());
      }
    }
  }

  /** Goes on with the sweeping; at most so many series. */
  void sweep(long limit) {
    if (sweep == null && sweptMs < floorMs) {
      sweep = begin();
    }
    if (sweep != null && sweep.step(limit)) {
      sweep = null;
    }
  }

  private Sweep begin() {
    Severed severed = new Severed(floorMs);
    for (Iterator<SealedPart> each = forgotten.iterator(); each.hasNext(); ) {
      SealedPart part = each.next();
      if (part.range().upToMs() <= floorMs) {
        part.forgotten(severed);
        each.remove();
      }
    }
    sweptMs = floorMs;
    return new Sweep(table, index, severed);
  }

  private long lowestMs() {
    return parts.isEmpty() ? sealedUpToMs : parts.getFirst().range().fromMs();
  }

  private static <T> List<T> with(List<T> list, T more) {
    List<T> longer = new ArrayList<>(list);
    longer.add(more);
    return List.copyOf(longer);
  }

  private static <T> List<T> without(List<T> list, Predicate<T> unwanted) {
    return list.stream().filter(unwanted.negate()).toList();
  }
}
