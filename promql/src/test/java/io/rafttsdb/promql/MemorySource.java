package io.rafttsdb.promql;

import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Matcher;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.NotAFloat;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SampleKind;
import io.rafttsdb.storage.model.Selection;
import io.rafttsdb.storage.model.SeriesView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Series in plain arrays. Gives exactly the samples selected, so that a wrong range shows. */
final class MemorySource implements SeriesSource {

  private final Map<Labels, TreeMap<Long, Long>> series = new TreeMap<>();
  private final Map<Labels, Map<Long, NativeHistogram>> histograms = new HashMap<>();

  void add(Labels labels, long timeMs, long valueBits) {
    series.computeIfAbsent(labels, _ -> new TreeMap<>()).put(timeMs, valueBits);
  }

  void add(Labels labels, long timeMs, NativeHistogram histogram) {
    add(labels, timeMs, histogram.sumBits());
    histograms.computeIfAbsent(labels, _ -> new HashMap<>()).put(timeMs, histogram);
  }

  void clear() {
    histograms.clear();
    series.clear();
  }

  @Override
  public List<List<SeriesView>> select(List<Selection> selections) {
    return selections.stream().map(this::select).toList();
  }

  private List<SeriesView> select(Selection selection) {
    List<SeriesView> found = new ArrayList<>();
    series.forEach((labels, samples) -> {
      if (selection.matchers().stream().allMatch(m -> matches(m, labels))) {
        var range = samples.subMap(selection.minMs(), true, selection.maxMs(), true);
        if (!range.isEmpty()) {
          found.add(view(labels, range));
        }
      }
    });
    found.sort(Comparator.comparing(SeriesView::labels));
    return found;
  }

  private static boolean matches(Matcher matcher, Labels labels) {
    return matcher.matches(labels.get(matcher.name()));
  }

  private SeriesView view(Labels labels, Map<Long, Long> samples) {
    long[] times = samples.keySet().stream().mapToLong(Long::longValue).toArray();
    long[] bits = samples.values().stream().mapToLong(Long::longValue).toArray();
    return view(labels, times, bits, histograms.getOrDefault(labels, Map.of()));
  }

  static SeriesView view(Labels labels, long[] times, long[] bits) {
    return view(labels, times, bits, Map.of());
  }

  private static SeriesView view(
      Labels labels, long[] times, long[] bits, Map<Long, NativeHistogram> histograms) {
    return new SeriesView() {
      @Override
      public Labels labels() {
        return labels;
      }

      @Override
      public SampleCursor samples() {
        return new Cursor(times, bits, histograms);
      }
    };
  }

  /** Checks on the way that the engine keeps to a cursor's rules. */
  private static final class Cursor implements SampleCursor {
    private final long[] times;
    private final long[] bits;
    private final Map<Long, NativeHistogram> histograms;
    private int at = -1;

    Cursor(long[] times, long[] bits, Map<Long, NativeHistogram> histograms) {
      this.histograms = histograms;
      this.times = times;
      this.bits = bits;
    }

    @Override
    public boolean next() {
      at = Math.min(at + 1, times.length);
      return at < times.length;
    }

    @Override
    public boolean seek(long timestampMs) {
      int from = Math.max(at, 0);
      if (from == times.length || times[from] >= timestampMs) {
        at = from;
      } else {
        int place = Arrays.binarySearch(times, from, times.length, timestampMs);
        at = place >= 0 ? place : -place - 1;
      }
      return at < times.length;
    }

    @Override
    public long timestampMs() {
      return times[at];
    }

    @Override
    public SampleKind kind() {
      NativeHistogram histogram = histograms.get(times[at]);
      return histogram == null ? SampleKind.FLOAT : histogram.kind();
    }

    @Override
    public NativeHistogram histogram() {
      NativeHistogram histogram = histograms.get(times[at]);
      return histogram == null ? SampleCursor.super.histogram() : histogram;
    }

    @Override
    public long valueBits() {
      if (kind() != SampleKind.FLOAT) {
        throw new NotAFloat(kind());
      }
      return bits[at];
    }
  }
}
