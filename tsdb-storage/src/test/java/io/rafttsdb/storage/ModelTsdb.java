package io.rafttsdb.storage;

import io.rafttsdb.storage.block.Intervals;
import io.rafttsdb.storage.block.Intervals.Interval;
import io.rafttsdb.storage.model.AppendResult;
import io.rafttsdb.storage.model.AppendResult.Reason;
import io.rafttsdb.storage.model.AppendResult.Refused;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Matcher;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.SealedRange;
import io.rafttsdb.storage.model.SealedRange.Kind;
import io.rafttsdb.storage.model.Selection;
import io.rafttsdb.storage.model.Ulid;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the engine should do, in the plainest way: sorted maps, and every rule written out. A sample
 * is a number, which says whether it is a float or a histogram ({@link NumberedHistograms}).
 */
final class ModelTsdb {

  private final long blockRangeMs;
  private long windowMs;

  /** All series that ever were; the n-th has ref n. */
  private final List<Series> byRef = new ArrayList<>();

  private final List<SealedRange> waiting = new ArrayList<>();
  private final List<SealedRange> parts = new ArrayList<>();
  private final Map<Ulid, SortedMap<Labels, SortedMap<Long, Long>>> baked = new HashMap<>();
  private long headMaxMs = Long.MIN_VALUE;
  private long sealedUpToMs = Long.MIN_VALUE;

  /** A series: what of it can be seen, in the Head or in sealed parts. */
  private static final class Series {
    final Labels labels;
    final NavigableMap<Long, Long> samples = new TreeMap<>();
    final Set<Long> deleted = new HashSet<>();
    final NavigableMap<Long, Long> outOfOrder = new TreeMap<>();
    List<Interval> outOfOrderDeleted = new ArrayList<>();
    final Map<Ulid, Others> outOfOrderParts = new LinkedHashMap<>();
    long newestMs = Long.MIN_VALUE;
    boolean isDropped;

    Series(Labels labels) {
      this.labels = labels;
    }

    @Nullable Long find(long timestampMs, long sealedUpToMs) {
      Long inOrder = timestampMs < sealedUpToMs ? null : samples.get(timestampMs);
      return inOrder != null ? inOrder : outOfOrder.get(timestampMs);
    }

    /** What is seen: of equal timestamps that in order, then what was sealed first. */
    NavigableMap<Long, Long> seen() {
      NavigableMap<Long, Long> seen = new TreeMap<>(samples);
      seen.keySet().removeAll(deleted);
      outOfOrderParts.values().forEach(part -> part.seen().forEach(seen::putIfAbsent));
      new Others(outOfOrder, outOfOrderDeleted).seen().forEach(seen::putIfAbsent);
      return seen;
    }

    /** What is there, deleted or not. */
    NavigableMap<Long, Long> all() {
      NavigableMap<Long, Long> all = new TreeMap<>(samples);
      outOfOrderParts.values().forEach(part -> all.putAll(part.samples));
      all.putAll(outOfOrder);
      return all;
    }

    void delete(long minMs, long maxMs) {
      deleted.addAll(samples.subMap(minMs, true, maxMs, true).keySet());
      outOfOrderParts.values().forEach(part -> part.deleted.add(new Interval(minMs, maxMs)));
      if (!outOfOrder.isEmpty()) {
        long fromMs = Math.max(minMs, outOfOrder.firstKey());
        long toMs = Math.min(maxMs, outOfOrder.lastKey());
        if (fromMs <= toMs) {
          outOfOrderDeleted.add(new Interval(fromMs, toMs));
        }
      }
    }
  }

  /** Samples out of order, and the times in which none of them is seen. */
  private record Others(NavigableMap<Long, Long> samples, List<Interval> deleted) {
    NavigableMap<Long, Long> seen() {
      NavigableMap<Long, Long> seen = new TreeMap<>(samples);
      Intervals hidden = Intervals.of(deleted);
      seen.keySet().removeIf(hidden::contains);
      return seen;
    }
  }

  ModelTsdb(long blockRangeMs) {
    this.blockRangeMs = blockRangeMs;
  }

  void windowMs(long lengthMs) {
    windowMs = lengthMs;
  }

  AppendResult append(SampleBatch batch) {
    for (int row = 0; row < batch.rowCount(); row++) {
      long ref = batch.ref(row);
      if (ref != SampleBatch.NO_REF && (ref >= nextRef() || byRef.get((int) ref - 1).isDropped)) {
        return new AppendResult.UnknownRef(ref);
      }
    }
    long minValidMs =
        byRef.isEmpty() ? Long.MIN_VALUE : Math.max(sealedUpToMs, headMaxMs - blockRangeMs / 2);
    long windowStartMs = byRef.isEmpty() ? Long.MIN_VALUE : headMaxMs - windowMs;
    int stored = 0;
    int repeated = 0;
    List<Refused> refused = new ArrayList<>();
    for (int row = 0; row < batch.rowCount(); row++) {
      Series series =
          batch.ref(row) == SampleBatch.NO_REF
              ? live(batch.definition(row))
              : byRef.get((int) batch.ref(row) - 1);
      for (int i = batch.sampleStart(row); i < batch.sampleEnd(row); i++) {
        long timestampMs = batch.timestampMs(i);
        long number = NumberedHistograms.numberOf(batch, i);
        Long there = series == null ? null : series.find(timestampMs, sealedUpToMs);
        boolean isInWindow = windowMs > 0 && timestampMs >= windowStartMs;
        if (timestampMs < minValidMs && !isInWindow) {
          refused.add(new Refused(row, i, windowMs > 0 ? Reason.TOO_OLD : Reason.OUT_OF_BOUNDS));
        } else if (there != null && there == number) {
          repeated++;
        } else if (there != null) {
          refused.add(new Refused(row, i, Reason.DUPLICATE));
        } else {
          boolean isInOrder =
              timestampMs >= minValidMs && (series == null || timestampMs > series.newestMs);
          if (!isInOrder && !isInWindow) {
            refused.add(new Refused(row, i, windowMs > 0 ? Reason.TOO_OLD : Reason.OUT_OF_ORDER));
            continue;
          }
          if (series == null) {
            series = new Series(batch.definition(row));
            byRef.add(series);
          }
          if (isInOrder) {
            series.samples.put(timestampMs, number);
            series.newestMs = timestampMs;
          } else {
            series.outOfOrder.put(timestampMs, number);
            series.outOfOrderDeleted =
                new ArrayList<>(
                    Intervals.of(series.outOfOrderDeleted).without(timestampMs).ranges());
          }
          headMaxMs = Math.max(headMaxMs, timestampMs);
          stored++;
        }
      }
    }
    int kept = Math.min(refused.size(), AppendResult.REFUSED_KEPT_MAX);
    return new AppendResult.Judged(stored, repeated, refused.size(), refused.subList(0, kept));
  }

  private @Nullable Series live(Labels labels) {
    for (Series series : byRef) {
      if (!series.isDropped && series.labels.equals(labels)) {
        return series;
      }
    }
    return null;
  }

  /** Whether a cut fits; then it is done. */
  boolean cut(long upToMs, Ulid ulid) {
    if (byRef.isEmpty()
        || Math.floorMod(upToMs, blockRangeMs) != 0
        || upToMs <= sealedUpToMs
        || upToMs > headMaxMs - blockRangeMs / 2
        || waiting.stream().filter(range -> range.kind() == Kind.IN_ORDER).count() >= 2) {
      return false;
    }
    long oldestMs = Long.MAX_VALUE;
    for (Series series : byRef) {
      Long first = series.samples.ceilingKey(sealedUpToMs);
      if (!series.isDropped && first != null) {
        oldestMs = Math.min(oldestMs, first);
      }
      series.isDropped |= series.newestMs < upToMs && series.outOfOrder.isEmpty();
    }
    sealedUpToMs = upToMs;
    if (oldestMs < upToMs) {
      long fromMs = Math.floorDiv(oldestMs, blockRangeMs) * blockRangeMs;
      bake(
          ulid,
          series -> {
            NavigableMap<Long, Long> seen =
                new TreeMap<>(series.samples.subMap(fromMs, true, upToMs, false));
            seen.keySet().removeAll(series.deleted);
            return seen;
          });
      waiting.add(new SealedRange(ulid, Kind.IN_ORDER, fromMs, upToMs));
      parts.add(new SealedRange(ulid, Kind.IN_ORDER, fromMs, upToMs));
    }
    return true;
  }

  List<Long> outOfOrderRanges() {
    TreeSet<Long> starts = new TreeSet<>();
    for (Series series : byRef) {
      for (long timestampMs : series.outOfOrder.keySet()) {
        starts.add(Math.floorDiv(timestampMs, blockRangeMs) * blockRangeMs);
      }
    }
    return List.copyOf(starts);
  }

  /** Whether the sealing of these ranges, which have samples, fits; then it is done. */
  boolean cutOutOfOrder(List<SealedRange> ranges) {
    for (SealedRange range : ranges) {
      for (SealedRange other : waiting) {
        if (other.kind() == Kind.OUT_OF_ORDER
            || (other.fromMs() < range.upToMs() && range.fromMs() < other.upToMs())) {
          return false;
        }
      }
      if (range.upToMs() > sealedUpToMs) {
        return false;
      }
    }
    for (SealedRange range : ranges) {
      waiting.add(range);
      parts.add(range);
      for (Series series : byRef) {
        NavigableMap<Long, Long> sealed =
            series.outOfOrder.subMap(range.fromMs(), true, range.upToMs(), false);
        if (!sealed.isEmpty()) {
          series.outOfOrderParts.put(
              range.ulid(),
              new Others(new TreeMap<>(sealed), new ArrayList<>(series.outOfOrderDeleted)));
          sealed.clear();
          if (series.outOfOrder.isEmpty()) {
            series.outOfOrderDeleted = new ArrayList<>();
          }
          series.isDropped |= series.newestMs < sealedUpToMs && series.outOfOrder.isEmpty();
        }
      }
      bake(
          range.ulid(),
          series -> {
            Others part = series.outOfOrderParts.get(range.ulid());
            return part == null ? new TreeMap<>() : part.seen();
          });
    }
    return true;
  }

  private void bake(Ulid ulid, Function<Series, SortedMap<Long, Long>> samplesOf) {
    SortedMap<Labels, SortedMap<Long, Long>> samples = new TreeMap<>();
    for (Series series : byRef) {
      SortedMap<Long, Long> some = samplesOf.apply(series);
      if (!some.isEmpty()) {
        samples.put(series.labels, some);
      }
    }
    baked.put(ulid, samples);
  }

  /** What the block of a part is to have. */
  SortedMap<Labels, SortedMap<Long, Long>> baked(Ulid ulid) {
    return baked.getOrDefault(ulid, new TreeMap<>());
  }

  void delete(List<Matcher> matchers, long minMs, long maxMs) {
    for (Series series : byRef) {
      if (fulfils(series.labels, matchers)) {
        series.delete(minMs, maxMs);
      }
    }
  }

  List<SealedRange> waiting() {
    return waiting;
  }

  List<SealedRange> parts() {
    return parts;
  }

  long sealedUpToMs() {
    return sealedUpToMs;
  }

  long headMaxMs() {
    return headMaxMs;
  }

  void built(Ulid ulid) {
    waiting.removeIf(range -> range.ulid().equals(ulid));
  }

  /** Takes a part's samples away: no block stands in for it here. */
  void forget(SealedRange part) {
    parts.remove(part);
    for (Series series : byRef) {
      switch (part.kind()) {
        case IN_ORDER -> series.samples.subMap(part.fromMs(), part.upToMs()).clear();
        case OUT_OF_ORDER -> series.outOfOrderParts.remove(part.ulid());
      }
    }
  }

  long nextRef() {
    return byRef.size() + 1L;
  }

  /** Labels of a live ref, or null. */
  @Nullable Labels labelsOf(long ref) {
    Series series = byRef.get((int) ref - 1);
    return series.isDropped ? null : series.labels;
  }

  long seriesCount() {
    return byRef.stream().filter(series -> !series.isDropped).count();
  }

  long sampleCount() {
    return byRef.stream()
        .mapToLong(series -> series.samples.tailMap(sealedUpToMs).size() + series.outOfOrder.size())
        .sum();
  }

  /** Series that fulfil the matchers, whatever their times, with the samples in the range. */
  SortedMap<Labels, SortedMap<Long, Long>> select(Selection selection) {
    SortedMap<Labels, SortedMap<Long, Long>> found = new TreeMap<>();
    for (Series series : byRef) {
      NavigableMap<Long, Long> seen = series.seen();
      if (!series.all().isEmpty() && fulfils(series.labels, selection.matchers())) {
        Map<Long, Long> all = found.computeIfAbsent(series.labels, none -> new TreeMap<>());
        seen.subMap(selection.minMs(), true, selection.maxMs(), true).forEach(all::putIfAbsent);
      }
    }
    return found;
  }

  /** Whether a series lies wholly outside a selection's times. */
  boolean isOutside(Labels labels, Selection selection) {
    for (Series series : byRef) {
      NavigableMap<Long, Long> seen = series.labels.equals(labels) ? series.all() : new TreeMap<>();
      if (!seen.isEmpty()
          && seen.lastKey() >= selection.minMs()
          && seen.firstKey() <= selection.maxMs()) {
        return false;
      }
    }
    return true;
  }

  private static boolean fulfils(Labels labels, List<Matcher> matchers) {
    return matchers.stream().allMatch(matcher -> matcher.matches(labels.get(matcher.name())));
  }
}
