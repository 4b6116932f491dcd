package io.rafttsdb.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.command.LogCommand;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.manifest.Manifest;
import io.rafttsdb.storage.manifest.ManifestPart;
import io.rafttsdb.storage.manifest.ManifestPart.Parent;
import io.rafttsdb.storage.model.AppendResult;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Matcher;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a shard holds, as maps: by each part of the manifest, and of the Head in order and out of
 * order, which sample each series has at which time. It takes from an engine only which samples
 * were refused, and what the manifest says.
 */
final class SampleModel {

  /** Samples of the Head; those that are deleted are still known to be there. */
  private static final class Held {
    final NavigableMap<Long, Long> values = new TreeMap<>();
    final TreeSet<Long> deleted = new TreeSet<>();

    void delete(long minMs, long maxMs) {
      deleted.addAll(values.subMap(minMs, true, maxMs, true).keySet());
    }

    /** Takes out [fromMs, endMs), and gives what of it is not deleted. */
    NavigableMap<Long, Long> take(long fromMs, long endMs) {
      NavigableMap<Long, Long> taken = new TreeMap<>(values.subMap(fromMs, endMs));
      taken.keySet().removeAll(deleted);
      values.subMap(fromMs, endMs).clear();
      deleted.subSet(fromMs, endMs).clear();
      return taken;
    }
  }

  private final Map<Labels, Held> inOrder = new TreeMap<>();
  private final Map<Labels, Held> outOfOrder = new TreeMap<>();
  private final Map<Ulid, Map<Labels, NavigableMap<Long, Long>>> parts = new LinkedHashMap<>();
  private final Map<Long, Labels> refs = new HashMap<>();
  private long newestMs = Long.MIN_VALUE;

  /**
   * Follows an entry.
   *
   * @param before the engine's cut and settings before it
   * @param after the engine after it
   */
  void apply(LogCommand command, AppliedEntry result, Bounds before, Tsdb after) {
    switch (command) {
      case LogCommand.Append(List<SampleBatch> batches) -> {
        for (int i = 0; i < batches.size(); i++) {
          append(batches.get(i), result.appends().get(i), before, after);
        }
      }
      case LogCommand.Delete(List<Matcher> matchers, long minMs, long maxMs) when isDone(result) ->
          delete(matchers, minMs, maxMs);
      default -> {}
    }
    Set<Ulid> dropped =
        command instanceof LogCommand.DropBlocks(List<Ulid> ulids) && isDone(result)
            ? Set.copyOf(ulids)
            : Set.of();
    follow(after.manifest(), dropped);
    long cutMs = after.sealedUpToMs();
    inOrder.forEach((labels, held) -> assertThat(held.values.headMap(cutMs)).isEmpty());
  }

  /** What decides on samples besides those that are there; a range of 0 before the settings. */
  record Bounds(long sealedUpToMs, long blockRangeMs) {
    static Bounds of(Tsdb tsdb) {
      Settings settings = tsdb.settings();
      return new Bounds(tsdb.sealedUpToMs(), settings == null ? 0 : settings.blockRangeMs());
    }
  }

  private static boolean isDone(AppliedEntry result) {
    return result.command() instanceof io.rafttsdb.command.CommandResult.Done;
  }

  private void append(SampleBatch batch, AppendResult result, Bounds bounds, Tsdb after) {
    if (!(result instanceof AppendResult.Judged judged)) {
      return;
    }
    assertThat(judged.refused()).hasSize(judged.refusedCount());
    Set<Integer> refused = new HashSet<>();
    judged.refused().forEach(each -> refused.add(each.sample()));
    long behindMs = newestMs == Long.MIN_VALUE ? newestMs : newestMs - bounds.blockRangeMs / 2;
    long minValidMs = Math.max(bounds.sealedUpToMs, behindMs);
    int stored = 0;
    for (int row = 0; row < batch.rowCount(); row++) {
      Labels labels = labels(batch, row, after);
      for (int i = batch.sampleStart(row); i < batch.sampleEnd(row); i++) {
        if (!refused.contains(i)
            && store(labels, batch.timestampMs(i), batch.valueBits(i), minValidMs)) {
          stored++;
        }
      }
    }
    assertThat(stored).isEqualTo(judged.stored());
  }

  private Labels labels(SampleBatch batch, int row, Tsdb after) {
    long ref = batch.ref(row);
    if (ref == SampleBatch.NO_REF) {
      Labels labels = batch.definition(row);
      refs.putIfAbsent(after.refOf(labels), labels);
      return labels;
    }
    return Objects.requireNonNull(refs.get(ref));
  }

  /** Whether it was not there before. */
  private boolean store(Labels labels, long timestampMs, long value, long minValidMs) {
    Held head = inOrder.computeIfAbsent(labels, none -> new Held());
    Held late = outOfOrder.computeIfAbsent(labels, none -> new Held());
    if (head.values.containsKey(timestampMs) || late.values.containsKey(timestampMs)) {
      return false;
    }
    boolean isNewest = head.values.isEmpty() || timestampMs > head.values.lastKey();
    if (isNewest && timestampMs >= minValidMs) {
      head.values.put(timestampMs, value);
      newestMs = Math.max(newestMs, timestampMs);
    } else {
      late.values.put(timestampMs, value);
    }
    return true;
  }

  private void delete(List<Matcher> matchers, long minMs, long maxMs) {
    inOrder.forEach((labels, held) -> {
      if (isMatched(matchers, labels)) {
        held.delete(minMs, maxMs);
      }
    });
    outOfOrder.forEach((labels, held) -> {
      if (isMatched(matchers, labels)) {
        held.delete(minMs, maxMs);
      }
    });
    for (Map<Labels, NavigableMap<Long, Long>> part : parts.values()) {
      part.forEach((labels, samples) -> {
        if (isMatched(matchers, labels)) {
          samples.subMap(minMs, true, maxMs, true).clear();
        }
      });
    }
  }

  private static boolean isMatched(List<Matcher> matchers, Labels labels) {
    return matchers.stream().allMatch(each -> each.matches(labels.get(each.name())));
  }

  /** Makes the parts those of the manifest: new ones off the Head, or merged from others. */
  private void follow(Manifest manifest, Set<Ulid> dropped) {
    Map<Ulid, Map<Labels, NavigableMap<Long, Long>>> before = new HashMap<>(parts);
    parts.clear();
    Set<Ulid> merged = new HashSet<>();
    for (ManifestPart part : manifest.parts()) {
      Map<Labels, NavigableMap<Long, Long>> known = before.get(part.ulid());
      parts.put(
          part.ulid(),
          known != null
              ? known
              : switch (part.origin()) {
                case HEAD -> take(inOrder, Long.MIN_VALUE, part.endMs());
                case OUT_OF_ORDER -> take(outOfOrder, part.minMs(), part.endMs());
                case COMPACTION -> merge(part, before, merged);
                case IMPORT -> throw new AssertionError("nobody has imported " + part);
              });
    }
    before.forEach((ulid, samples) -> {
      if (!parts.containsKey(ulid) && !merged.contains(ulid) && !dropped.contains(ulid)) {
        assertThat(samples.values()).as("what goes with part " + ulid).allMatch(Map::isEmpty);
      }
    });
  }

  private static Map<Labels, NavigableMap<Long, Long>> take(
      Map<Labels, Held> from, long minMs, long endMs) {
    Map<Labels, NavigableMap<Long, Long>> taken = new TreeMap<>();
    from.forEach((labels, held) -> taken.put(labels, held.take(minMs, endMs)));
    return taken;
  }

  private static Map<Labels, NavigableMap<Long, Long>> merge(
      ManifestPart part,
      Map<Ulid, Map<Labels, NavigableMap<Long, Long>>> before,
      Set<Ulid> merged) {
    Map<Labels, NavigableMap<Long, Long>> result = new TreeMap<>();
    for (Parent parent : part.parents()) {
      merged.add(parent.ulid());
      add(before.getOrDefault(parent.ulid(), Map.of()), result);
    }
    return result;
  }

  /** Of two samples at one time that which is there already stays. */
  private static void add(
      Map<Labels, NavigableMap<Long, Long>> from, Map<Labels, NavigableMap<Long, Long>> to) {
    from.forEach((labels, samples) -> {
      NavigableMap<Long, Long> all = to.computeIfAbsent(labels, none -> new TreeMap<>());
      samples.forEach(all::putIfAbsent);
    });
  }

  /** All samples, by series, each series with at least one. */
  Map<Labels, NavigableMap<Long, Long>> samples() {
    Map<Labels, NavigableMap<Long, Long>> all = new TreeMap<>();
    parts.values().forEach(part -> add(part, all));
    for (Map<Labels, Held> head : List.of(inOrder, outOfOrder)) {
      head.forEach((labels, held) -> {
        NavigableMap<Long, Long> visible = new TreeMap<>(held.values);
        visible.keySet().removeAll(held.deleted);
        add(Map.of(labels, visible), all);
      });
    }
    all.values().removeIf(Map::isEmpty);
    return all;
  }
}
