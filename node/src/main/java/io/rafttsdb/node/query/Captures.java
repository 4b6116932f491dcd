package io.rafttsdb.node.query;

import io.rafttsdb.storage.model.Capture;
import io.rafttsdb.storage.model.SeriesView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What was captured of each shard for one query, as one. For one thread. */
final class Captures implements AutoCloseable {

  private final List<Capture> shards;
  private final List<List<SeriesView>> series;

  /** Takes them over; of the same selections, in the order of the shards. */
  Captures(List<Capture> shards) {
    this.shards = shards;
    this.series = shards.size() == 1 ? shards.getFirst().series() : merged(shards);
  }

  /** Each shard's series are sorted, so that sorting all of them only merges runs. */
  private static List<List<SeriesView>> merged(List<Capture> shards) {
    List<List<SeriesView>> merged = new ArrayList<>();
    for (int k = 0; k < shards.getFirst().series().size(); k++) {
      List<SeriesView> all = new ArrayList<>();
      for (Capture shard : shards) {
        all.addAll(shard.series().get(k));
      }
      all.sort(Comparator.comparing(SeriesView::labels));
      merged.add(all);
    }
    return merged;
  }

  /** For each selection its series, sorted by labels. */
  List<List<SeriesView>> series() {
    return series;
  }

  /** The entry of each shard after which it was captured. */
  List<Long> indexes() {
    return shards.stream().map(Capture::index).toList();
  }

  /** Lets go of what the series are read from. */
  @Override
  public void close() {
    shards.forEach(Capture::close);
  }
}
