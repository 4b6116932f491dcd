package io.rafttsdb.storage.head;

import io.rafttsdb.storage.manifest.Manifest;
import io.rafttsdb.storage.model.SeriesView;
import io.rafttsdb.storage.model.Ulid;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a query sees of the Head and of the sealed parts in memory, and what lies below them in the
 * same state.
 *
 * @param index the log entry after which the state is
 * @param manifest what lies below the Head
 * @param inMemory the parts of the manifest whose samples are among the series
 * @param series one list per selection, each sorted by labels
 */
public record HeadCapture(
    long index, Manifest manifest, Set<Ulid> inMemory, List<List<SeriesView>> series) {

  static HeadCapture of(HeadState state, List<List<SeriesView>> series) {
    Set<Ulid> inMemory = new HashSet<>();
    state.parts().forEach(part -> inMemory.add(part.range().ulid()));
    return new HeadCapture(state.index(), state.manifest(), inMemory, series);
  }
}
