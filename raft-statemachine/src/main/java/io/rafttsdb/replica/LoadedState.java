package io.rafttsdb.replica;

import io.rafttsdb.replica.disk.SnapshotDirectory;
import io.rafttsdb.replica.disk.SnapshotManifest;
import io.rafttsdb.storage.Tsdb;
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

  /** The state of the newest snapshot that can be loaded, or the empty state without any. */
  static LoadedState newest(SnapshotDirectory snapshots) throws IOException {
    for (SnapshotManifest manifest : snapshots.list()) {
      try {
        LoadedState state = load(snapshots.pathOf(manifest), manifest);
        LOG.info("loaded snapshot {}: {}", manifest.name(), state.tsdb.stats());
        return state;
      } catch (IOException e) {
        LOG.error("snapshot {} can't be loaded and is set aside", manifest.name(), e);
        snapshots.reject(manifest);
      }
    }
    return new LoadedState(new Tsdb(), TermIndex.INITIAL_VALUE);
  }

  /** Loads the image of a snapshot whose files were verified. */
  static LoadedState load(Path directory, SnapshotManifest manifest) throws IOException {
    Tsdb tsdb = Tsdb.load(directory.resolve(SnapshotDirectory.IMAGE_NAME));
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
