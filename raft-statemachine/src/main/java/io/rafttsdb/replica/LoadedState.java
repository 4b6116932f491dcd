package io.rafttsdb.replica;

import io.rafttsdb.replica.disk.SnapshotBlock;
import io.rafttsdb.replica.disk.SnapshotDirectory;
import io.rafttsdb.replica.disk.SnapshotManifest;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.part.PartStore;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.ratis.server.protocol.TermIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An engine and the entry after which it stands.
 *
 * @param applied the last entry; {@link TermIndex#INITIAL_VALUE} before the first
 */
record LoadedState(Tsdb tsdb, TermIndex applied) {
  private static final Logger LOG = LoggerFactory.getLogger(LoadedState.class);

  /**
   * The state of the newest snapshot that can be loaded, or the empty state without any.
   *
   * @param store gets the blocks of that snapshot which it lacks
   */
  static LoadedState newest(SnapshotDirectory snapshots, PartStore store) throws IOException {
    for (SnapshotManifest manifest : snapshots.list()) {
      try {
        LoadedState state = load(snapshots.pathOf(manifest), manifest, store);
        LOG.info("loaded snapshot {}: {}", manifest.name(), state.tsdb.stats());
        linkBlocks(snapshots.pathOf(manifest), manifest, store);
        return state;
      } catch (IOException e) {
        LOG.error("snapshot {} can't be loaded and is set aside", manifest.name(), e);
        snapshots.reject(manifest);
      }
    }
    return new LoadedState(new Tsdb(store), TermIndex.INITIAL_VALUE);
  }

  /**
   * A block that can't be opened is set aside by the store: applying needs none, queries say which
   * one they miss, and another node has it.
   */
  private static void linkBlocks(Path snapshot, SnapshotManifest manifest, PartStore store) {
    for (SnapshotBlock block : manifest.blocks()) {
      if (!store.has(block.ulid())) {
        try {
          store.link(block.ulid(), block.directory(snapshot));
        } catch (IOException e) {
          LOG.error("block {} of snapshot {} is damaged", block.ulid(), manifest.name(), e);
        }
      }
    }
  }

  /** Loads the image of a snapshot whose files were verified. */
  static LoadedState load(Path directory, SnapshotManifest manifest, PartStore store)
      throws IOException {
    Tsdb tsdb = Tsdb.load(directory.resolve(SnapshotManifest.IMAGE_NAME), store);
    if (tsdb.publishedIndex() != manifest.index()) {
      throw new IOException(
          directory
              + " has the state after entry "
              + tsdb.publishedIndex()
              + ", its manifest says "
              + manifest.index());
    }
    return new LoadedState(tsdb, TermIndex.valueOf(manifest.term(), manifest.index()));
  }
}
