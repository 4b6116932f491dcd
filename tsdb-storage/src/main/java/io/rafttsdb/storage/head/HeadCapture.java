package io.rafttsdb.storage.head;

import io.rafttsdb.storage.manifest.Manifest;
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
 * @param series one list per selection, each sorted by labels; to be read until this is closed
 * @param lease ends with this
 */
public record HeadCapture(
    long index,
    Manifest manifest,
    Set<Ulid> inMemory,
    List<List<HeadSeriesView>> series,
    ChunkLease lease)
    implements AutoCloseable {

  static HeadCapture of(HeadState state, List<List<HeadSeriesView>> series, ChunkLease lease) {
    Set<Ulid> inMemory = new HashSet<>();
    state.allParts().forEach(part -> inMemory.add(part.range().ulid()));
    return new HeadCapture(state.index(), state.manifest(), inMemory, series, lease);
  }

  @Override
  public void close() {
    lease.close();
  }
}
