package io.rafttsdb.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.model.Capture;
import io.rafttsdb.storage.model.CorruptFile;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.MissingBlock;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.Selection;
import io.rafttsdb.storage.model.SeriesView;
import io.rafttsdb.storage.model.Ulid;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/** What has to be so after each event: the rules of the design about states and answers. */
final class SimulationChecks {
  private static final Selection ALL = new Selection(List.of(), Long.MIN_VALUE, Long.MAX_VALUE);

  private final SimulatedHistory history;
  private final Consumer<String> tally;

  /** By entry, the series that the first node named that was asked after it. */
  private final Map<Long, List<Labels>> series = new HashMap<>();

  /** What answers depend on; where none of it has changed they were checked already. */
  private record Seen(Tsdb tsdb, long index, List<Ulid> blocks, List<Ulid> inMemory, long spilled) {
    static Seen of(SimulatedNode node) {
      Tsdb tsdb = node.tsdb();
      return new Seen(
          tsdb,
          tsdb.publishedIndex(),
          node.process().store.names(),
          tsdb.sealedParts().stream().map(part -> part.range().ulid()).toList(),
          node.spilled());
    }
  }

  private final Map<SimulatedNode, Seen> seen = new HashMap<>();

  SimulationChecks(SimulatedHistory history, Consumer<String> tally) {
    this.history = history;
    this.tally = tally;
  }

  /**
   * One history, as an engine has it that applied all of it without a block (R1, R3), and what a
   * query answers is a function of it, whatever became of blocks meanwhile (R2).
   */
  void check(SimulatedNode node) {
    long index = node.applied();
    Seen now = Seen.of(node);
    if (index < 0 || now.equals(seen.put(node, now))) {
      return;
    }
    checkState(node, index);
    try {
      checkAnswer(node, index);
    } catch (MissingBlock e) {
      assertThat(node.isDamaged() || node.isBehindByTwo()).as("%s refuses: %s", node, e).isTrue();
      tally.accept("refused");
    } catch (UncheckedIOException e) {
      assertThat(e).hasCauseInstanceOf(CorruptFile.class);
      assertThat(node.isDamaged()).as("%s refuses: %s", node, e).isTrue();
      tally.accept("refused");
    }
  }

  /** The snapshot of this node, alone, gives state and answers back (R4). */
  void checkStart(SimulatedNode node) {
    long index = node.applied();
    if (index < 0) {
      return;
    }
    checkState(node, index);
    if (!node.isDamaged()) {
      checkAnswer(node, index);
    }
    tally.accept("started from a snapshot");
  }

  private void checkState(SimulatedNode node, long index) {
    assertThat(SimulatedHistory.Digest.of(node.tsdb()))
        .as("state of %s", node)
        .isEqualTo(history.entry(index).state());
  }

  private void checkAnswer(SimulatedNode node, long index) {
    Map<Labels, NavigableMap<Long, Long>> answer = samples(node.tsdb());
    Map<Labels, NavigableMap<Long, Long>> expected = history.entry(index).samples();
    if (!answer.equals(expected)) {
      throw new AssertionError("answer of " + node + ": " + difference(answer, expected));
    }
    List<Labels> named = node.tsdb().series(List.of(ALL));
    assertThat(series.computeIfAbsent(index, first -> named))
        .as("series of %s", node)
        .isEqualTo(named);
  }

  private static String difference(
      Map<Labels, NavigableMap<Long, Long>> answer,
      Map<Labels, NavigableMap<Long, Long>> expected) {
    TreeSet<Labels> all = new TreeSet<>(answer.keySet());
    all.addAll(expected.keySet());
    StringBuilder text = new StringBuilder();
    for (Labels labels : all) {
      Set<Map.Entry<Long, Long>> more =
          new HashSet<>(answer.getOrDefault(labels, new TreeMap<>()).entrySet());
      Set<Map.Entry<Long, Long>> less =
          new HashSet<>(expected.getOrDefault(labels, new TreeMap<>()).entrySet());
      less.removeAll(answer.getOrDefault(labels, new TreeMap<>()).entrySet());
      more.removeAll(expected.getOrDefault(labels, new TreeMap<>()).entrySet());
      if (!more.isEmpty() || !less.isEmpty()) {
        text.append(labels + " has " + more + ", lacks " + less + "; ");
      }
    }
    return text.toString();
  }

  /** All samples, by series, each series with at least one. */
  private static Map<Labels, NavigableMap<Long, Long>> samples(Tsdb tsdb) {
    Map<Labels, NavigableMap<Long, Long>> all = new TreeMap<>();
    try (Capture capture = tsdb.select(List.of(ALL), Integer.MAX_VALUE)) {
      for (SeriesView view : capture.series().getFirst()) {
        NavigableMap<Long, Long> samples = new TreeMap<>();
        SampleCursor cursor = view.samples();
        while (cursor.next()) {
          if (samples.put(cursor.timestampMs(), cursor.valueBits()) != null) {
            throw new AssertionError("two samples at " + cursor.timestampMs());
          }
        }
        if (!samples.isEmpty()) {
          all.put(view.labels(), samples);
        }
      }
    }
    return all;
  }
}
