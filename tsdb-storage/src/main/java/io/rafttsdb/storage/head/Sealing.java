package io.rafttsdb.storage.head;

import io.rafttsdb.storage.index.LabelIndex;
import io.rafttsdb.storage.index.Refs;
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
  private List<InOrderPart> parts = List.of();

  /** In memory, in the order of their sealing. */
  private List<OutOfOrderPart> outOfOrderParts = List.of();

  /** What was deleted of samples in order, in the Head or in parts in memory. */
  private HeadDeletes deletes = HeadDeletes.NONE;

  private long letGo;

  private final Queue<Ulid> toForget = new ConcurrentLinkedQueue<>();
  private final List<InOrderPart> forgotten = new ArrayList<>();
  private @Nullable Sweep sweep;

  /** Of the last sweep, perhaps not done. */
  private Severed severed = new Severed(Long.MIN_VALUE);

  /** Of {@link #letGo}, how much the last sweep knew. */
  private long swept;

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

  List<InOrderPart> parts() {
    return parts;
  }

  List<OutOfOrderPart> outOfOrderParts() {
    return outOfOrderParts;
  }

  long letGo() {
    return letGo;
  }

  HeadDeletes deletes() {
    return deletes;
  }

  /**
   * Deletes [minMs, maxMs].
   *
   * @param inOrder what of the samples in order, series by series
   * @param unwanted in which series of the other parts
   */
  void delete(HeadDeletes inOrder, Refs unwanted, long minMs, long maxMs) {
    deletes = deletes.and(inOrder);
    outOfOrderParts =
        outOfOrderParts.stream().map(part -> part.delete(unwanted, minMs, maxMs)).toList();
  }

  /** Why a cut of this name up to an aligned time is refused, or null. */
  @Nullable String refusal(long upToMs, Ulid ulid) {
    if (upToMs <= sealedUpToMs) {
      return "expected a cut after " + sealedUpToMs + ", the last one, got one at " + upToMs;
    }
    if (waiting.stream().filter(Sealing::isInOrder).count() >= WAITING_MAX) {
      return "expected at most " + (WAITING_MAX - 1) + " waiting parts, found " + waiting;
    }
    if (isKnown(ulid)) {
      return "expected a new name, but part " + ulid + " is there";
    }
    return null;
  }

  /**
   * Why the sealing of samples out of order is refused, or null. The part in order of the range has
   * to be in the manifest before, so that its samples win where timestamps are equal; and so has to
   * be everything that was sealed of the kind.
   */
  @Nullable String refusal(SealedRange wanted, long rangeMs) {
    if (isInOrder(wanted)
        || Math.floorMod(wanted.fromMs(), rangeMs) != 0
        || wanted.upToMs() - wanted.fromMs() != rangeMs) {
      return "expected a block range of samples out of order, got " + wanted;
    }
    if (wanted.upToMs() > sealedUpToMs) {
      return "expected a range cut off before " + sealedUpToMs + ", got " + wanted;
    }
    for (SealedRange range : waiting) {
      if (!isInOrder(range)
          || (range.fromMs() < wanted.upToMs() && wanted.fromMs() < range.upToMs())) {
        return "expected no part in the way of " + wanted + ", but " + range + " waits";
      }
    }
    return null;
  }

  private static boolean isInOrder(SealedRange range) {
    return range.kind() == SealedRange.Kind.IN_ORDER;
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
  void add(InOrderPart part) {
    waiting = with(waiting, part.range());
    parts = with(parts, part);
    moveTo(part.range().upToMs());
  }

  /** Takes up a part of samples out of order that waits. */
  void add(OutOfOrderPart part) {
    waiting = with(waiting, part.range());
    outOfOrderParts = with(outOfOrderParts, part);
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

  void restore(List<InOrderPart> restored, List<OutOfOrderPart> others, HeadDeletes deleted) {
    deletes = deleted;
    parts = List.copyOf(restored);
    outOfOrderParts = List.copyOf(others);
    floorMs = lowestMs();
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
      List<InOrderPart> going = parts.stream().filter(named).toList();
      going.forEach(InOrderPart::forget);
      if (forgotten.addAll(going)) {
        parts = without(parts, named);
        floorMs = Math.max(floorMs, lowestMs());
        letGo++;
      }
      if (outOfOrderParts.stream().anyMatch(named)) {
        outOfOrderParts = without(outOfOrderParts, named);
        letGo++;
      }
    }
  }

  /** Knows the links that are severed from now on. */
  Severed severed() {
    return severed;
  }

  /** Goes on with the sweeping; at most so many series. */
  void sweep(long limit) {
    if (sweep == null && swept < letGo) {
      sweep = begin();
    }
    if (sweep != null && sweep.step(limit)) {
      sweep = null;
    }
  }

  private Sweep begin() {
    severed = severed.next(floorMs);
    for (Iterator<InOrderPart> each = forgotten.iterator(); each.hasNext(); ) {
      InOrderPart part = each.next();
      if (part.range().upToMs() <= floorMs) {
        part.forgotten(severed);
        each.remove();
      }
    }
    swept = letGo;
    deletes = deletes.reaching(floorMs);
    return new Sweep(table, index, severed, this::isHeld);
  }

  /** Whether a part in memory has samples out of order of a series. */
  private boolean isHeld(long ref) {
    for (OutOfOrderPart part : outOfOrderParts) {
      if (part.samplesOf(ref) != null) {
        return true;
      }
    }
    return false;
  }

  private long lowestMs() {
    return parts.isEmpty() ? sealedUpToMs : parts.getFirst().range().fromMs();
  }

  private static <T> List<T> with(List<T> list, T more) {
    List<T> longer = new ArrayList<>(list);
    longer.add(more);
    return List.copyOf(longer);
  }

  private static <T> List<T> without(List<T> list, Predicate<? super T> unwanted) {
    return list.stream().filter(each -> !unwanted.test(each)).toList();
  }
}
