package io.rafttsdb.replica;

import io.rafttsdb.storage.FrozenTsdb;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.part.PartStore;
import java.io.IOException;
import java.util.List;
import org.apache.ratis.server.protocol.TermIndex;

/**
 * The state after one entry, held fast for a snapshot: the engine's memory, and the files of the
 * blocks as they were at that moment. Closing it lets both go.
 *
 * @param members of the cluster as of the entry
 */
record FrozenState(FrozenTsdb tsdb, PartStore.Hold blocks, TermIndex applied, List<String> members)
    implements AutoCloseable {

  FrozenState {
    members = List.copyOf(members);
    if (tsdb.index() != applied.getIndex()) {
      throw new IllegalStateException(
          "engine after entry " + tsdb.index() + ", state machine after " + applied);
    }
  }

  /** Apply thread, between two entries. Opens, reads and writes no file. */
  static FrozenState of(Tsdb tsdb, PartStore store, TermIndex applied, List<String> members) {
    // Blocks first: one that is removed in between has left the manifest before.
    PartStore.Hold blocks = store.hold();
    return new FrozenState(tsdb.freeze(), blocks, applied, members);
  }

  @Override
  public void close() throws IOException {
    blocks.close();
  }
}
