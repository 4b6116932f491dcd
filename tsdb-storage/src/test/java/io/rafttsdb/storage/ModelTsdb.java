package io.rafttsdb.storage;

import io.rafttsdb.storage.model.AppendResult;
import io.rafttsdb.storage.model.AppendResult.Reason;
import io.rafttsdb.storage.model.AppendResult.Refused;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Matcher;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.Selection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;

/** What the engine should do, in the plainest way: sorted maps, and every rule written out. */
final class ModelTsdb {

  private final long blockRangeMs;

  /** Samples by series; the n-th series has ref n. */
  private final Map<Labels, NavigableMap<Long, Long>> series = new LinkedHashMap<>();

  private final List<Labels> byRef = new ArrayList<>();
  private long headMaxMs = Long.MIN_VALUE;

  ModelTsdb(long blockRangeMs) {
    this.blockRangeMs = blockRangeMs;
  }

  AppendResult append(SampleBatch batch) {
    for (int row = 0; row < batch.rowCount(); row++) {
      if (batch.ref(row) > byRef.size()) {
        return new AppendResult.UnknownRef(batch.ref(row));
      }
    }
    long minValidMs = byRef.isEmpty() ? Long.MIN_VALUE : headMaxMs - blockRangeMs / 2;
    int stored = 0;
    int repeated = 0;
    List<Refused> refused = new ArrayList<>();
    for (int row = 0; row < batch.rowCount(); row++) {
      Labels labels =
          batch.ref(row) == SampleBatch.NO_REF
              ? batch.definition(row)
              : byRef.get((int) batch.ref(row) - 1);
      for (int i = batch.sampleStart(row); i < batch.sampleEnd(row); i++) {
        long timestampMs = batch.timestampMs(i);
        NavigableMap<Long, Long> samples = series.getOrDefault(labels, new TreeMap<>());
        Long there = samples.get(timestampMs);
        if (timestampMs < minValidMs) {
          refused.add(new Refused(row, i, Reason.OUT_OF_BOUNDS));
        } else if (there != null && there == batch.valueBits(i)) {
          repeated++;
        } else if (there != null) {
          refused.add(new Refused(row, i, Reason.DUPLICATE));
        } else if (!samples.isEmpty() && samples.lastKey() > timestampMs) {
          refused.add(new Refused(row, i, Reason.OUT_OF_ORDER));
        } else {
          if (samples.isEmpty()) {
            series.put(labels, samples);
            byRef.add(labels);
          }
          samples.put(timestampMs, batch.valueBits(i));
          headMaxMs = Math.max(headMaxMs, timestampMs);
          stored++;
        }
      }
    }
    int kept = Math.min(refused.size(), AppendResult.REFUSED_KEPT_MAX);
    return new AppendResult.Judged(stored, repeated, refused.size(), refused.subList(0, kept));
  }

  int seriesCount() {
    return byRef.size();
  }

  Labels labelsOf(long ref) {
    return byRef.get((int) ref - 1);
  }

  long sampleCount() {
    return series.values().stream().mapToLong(Map::size).sum();
  }

  /** Series that fulfil the matchers, whatever their times, with the samples in the range. */
  SortedMap<Labels, SortedMap<Long, Long>> select(Selection selection) {
    SortedMap<Labels, SortedMap<Long, Long>> found = new TreeMap<>();
    series.forEach((labels, samples) -> {
      if (fulfils(labels, selection.matchers())) {
        found.put(
            labels,
            new TreeMap<>(samples.subMap(selection.minMs(), true, selection.maxMs(), true)));
      }
    });
    return found;
  }

  /** Whether a series lies wholly outside a selection's times. */
  boolean isOutside(Labels labels, Selection selection) {
    NavigableMap<Long, Long> samples = series.getOrDefault(labels, new TreeMap<>());
    return samples.lastKey() < selection.minMs() || samples.firstKey() > selection.maxMs();
  }

  private static boolean fulfils(Labels labels, List<Matcher> matchers) {
    return matchers.stream().allMatch(matcher -> matcher.matches(labels.get(matcher.name())));
  }
}
