package io.rafttsdb.jepsen;

import io.rafttsdb.client.Sample;
import io.rafttsdb.client.TimeSeries;
import io.rafttsdb.client.WriteOutcome;
import io.rafttsdb.replica.ShardRouting;
import io.rafttsdb.storage.model.Labels;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What the writers of a load sent and what became of it. A writer owns some series; each of its
 * requests has one sample of each of them, at one timestamp, so that a request is seen whole or not
 * at all. The value of a sample follows from its place.
 */
final class Ledger {

  static final String METRIC = "jepsen_load";

  /** One request: its number is its writer's, from 0 on. */
  record Entry(int writer, int number, long timestampMs, WriteOutcome outcome) {}

  private final int seriesPerWriter;
  private final int shards;
  private final Map<Integer, List<Entry>> entries = new ConcurrentHashMap<>();

  /**
   * An empty ledger.
   *
   * @param shards of the cluster: a request is stored as a whole in each, not across them
   */
  Ledger(int seriesPerWriter, int shards) {
    this.seriesPerWriter = seriesPerWriter;
    this.shards = shards;
  }

  /** The series of a request. */
  List<TimeSeries> request(int writer, int number, long timestampMs) {
    List<TimeSeries> series = new ArrayList<>();
    for (int s = 0; s < seriesPerWriter; s++) {
      Sample sample = new Sample(timestampMs, valueBits(writer, s, number));
      series.add(new TimeSeries(labels(writer, s), List.of(sample)));
    }
    return series;
  }

  void add(Entry entry) {
    entries.computeIfAbsent(entry.writer(), w -> new CopyOnWriteArrayList<>()).add(entry);
  }

  List<Entry> all() {
    return entries.values().stream().flatMap(List::stream).toList();
  }

  /** A ledger of the requests alone that were acknowledged by now. */
  Ledger acknowledged() {
    Ledger copy = new Ledger(seriesPerWriter, shards);
    all().stream()
        .filter(entry -> entry.outcome() instanceof WriteOutcome.Acknowledged)
        .forEach(copy::add);
    return copy;
  }

  /** Number of requests that ended so. */
  long count(Class<? extends WriteOutcome> outcome) {
    return all().stream().filter(entry -> outcome.isInstance(entry.outcome())).count();
  }

  /**
   * Compares what a node has with what was sent.
   *
   * @return a sentence for each violation: an acknowledged sample that is not there, a sample that
   *     was never sent, one that is there twice, another value, part of a request
   */
  List<String> violations(List<TimeSeries> stored) {
    Map<Map<String, String>, Map<Long, Long>> left = new HashMap<>();
    List<String> violations = new ArrayList<>();
    for (TimeSeries series : stored) {
      Map<Long, Long> samples = left.computeIfAbsent(series.labels(), l -> new HashMap<>());
      for (Sample sample : series.samples()) {
        if (samples.put(sample.timestampMs(), sample.valueBits()) != null) {
          violations.add("twice: " + series.labels() + " at " + sample.timestampMs());
        }
      }
    }
    for (Entry entry : all()) {
      check(entry, left, violations);
    }
    left.forEach((labels, samples) ->
        samples.forEach((t, bits) -> violations.add("never sent: " + labels + " at " + t)));
    return violations;
  }

  private void check(
      Entry entry, Map<Map<String, String>, Map<Long, Long>> left, List<String> violations) {
    int[] sent = new int[shards];
    int[] found = new int[shards];
    for (int s = 0; s < seriesPerWriter; s++) {
      Map<String, String> labels = labels(entry.writer(), s);
      int shard = shardOf(labels);
      sent[shard]++;
      Map<Long, Long> samples = left.getOrDefault(labels, Map.of());
      Long bits = samples.get(entry.timestampMs());
      if (bits != null) {
        found[shard]++;
        samples.remove(entry.timestampMs());
        if (bits != valueBits(entry.writer(), s, entry.number())) {
          violations.add("another value: series " + s + " of " + entry);
        }
      }
    }
    for (int shard = 0; shard < shards; shard++) {
      if (entry.outcome() instanceof WriteOutcome.Acknowledged && found[shard] < sent[shard]) {
        violations.add("lost: " + (sent[shard] - found[shard]) + " samples of " + entry);
      } else if (found[shard] != 0 && found[shard] < sent[shard]) {
        violations.add("seen in part: " + found[shard] + " samples of " + entry);
      }
    }
  }

  private int shardOf(Map<String, String> labels) {
    Labels.Builder set = new Labels.Builder();
    labels.forEach(set::set);
    return ShardRouting.shardOf(set.build(), shards);
  }

  private static Map<String, String> labels(int writer, int series) {
    return new TimeSeries(
            Map.of(
                TimeSeries.METRIC_NAME,
                METRIC,
                "writer",
                Integer.toString(writer),
                "series",
                Integer.toString(series)),
            List.of())
        .labels();
  }

  /** Any bits but a zero's, whose sign would be lost on the way; many are NaNs of some kind. */
  private static long valueBits(int writer, int series, int number) {
    long mixed = ((long) writer << 48 | (long) series << 32 | number) * 0x9e3779b97f4a7c15L + 1;
    return number % 7 == 0 ? mixed | 0x7ff0000000000001L : mixed | 1;
  }
}
