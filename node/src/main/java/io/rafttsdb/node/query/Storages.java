package io.rafttsdb.node.query;

import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.model.Bytewise;
import io.rafttsdb.storage.model.Capture;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.LimitExceeded;
import io.rafttsdb.storage.model.Selection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The storages of all shards as one. A series lies in exactly one of them; each is seen after an
 * entry of its own. On any thread.
 *
 * @param shards in order, at least one
 */
record Storages(List<Tsdb> shards) {

  Storages {
    shards = List.copyOf(shards);
  }

  static Storages of(Tsdb only) {
    return new Storages(List.of(only));
  }

  /**
   * Captures the series of all selections, each sorted by labels.
   *
   * @throws LimitExceeded on more than seriesMax series of all shards and selections together
   */
  Captures select(List<Selection> selections, int seriesMax) {
    List<Capture> captures = new ArrayList<>(shards.size());
    int left = seriesMax;
    try {
      for (Tsdb shard : shards) {
        Capture capture = shard.select(selections, left);
        captures.add(capture);
        left -= capture.series().stream().mapToInt(List::size).sum();
      }
      return new Captures(captures);
    } catch (RuntimeException | Error e) {
      captures.forEach(Capture::close);
      throw e;
    }
  }

  /** Label sets of the series that any of the selections has, sorted. */
  List<Labels> series(List<Selection> selections) {
    return union(shard -> shard.series(selections), Comparator.naturalOrder());
  }

  /** Label names of the series that any of the selections has, sorted bytewise. */
  List<String> labelNames(List<Selection> selections) {
    return union(shard -> shard.labelNames(selections), Bytewise.ORDER);
  }

  /** Values of a label in the series that any of the selections has, sorted bytewise. */
  List<String> labelValues(String name, List<Selection> selections) {
    return union(shard -> shard.labelValues(name, selections), Bytewise.ORDER);
  }

  private <T> List<T> union(Function<Tsdb, List<T>> lookup, Comparator<? super T> order) {
    if (shards.size() == 1) {
      return lookup.apply(shards.getFirst());
    }
    TreeSet<T> found = new TreeSet<>(order);
    shards.forEach(shard -> found.addAll(lookup.apply(shard)));
    return List.copyOf(found);
  }

  /** The entry of each shard after which it is seen now, or a later one. */
  List<Long> publishedIndexes() {
    return shards.stream().map(Tsdb::publishedIndex).toList();
  }
}
