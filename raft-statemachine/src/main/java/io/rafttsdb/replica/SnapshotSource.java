package io.rafttsdb.replica;

import java.io.IOException;
import java.io.InputStream;

/**
 * Where a follower that lags behind the leader's log gets a snapshot: the list of its files from
 * the leader, then what it lacks of them. Called on a thread that may be interrupted.
 */
public interface SnapshotSource extends BlockSource {

  /**
   * The manifest of a node's newest snapshot, which may be deleted at any time.
   *
   * @throws IOException where the node does not answer or has none
   */
  byte[] snapshotManifest(Member peer) throws IOException, InterruptedException;

  /** As {@link #snapshotManifest}; the snapshot stays for a while, as {@link SnapshotPins} says. */
  byte[] pinSnapshot(Member peer) throws IOException, InterruptedException;

  /**
   * The bytes of a file of a snapshot, from an offset to the end. The caller closes the stream,
   * which may break off.
   *
   * @param snapshot its name
   * @param path as the manifest has it
   */
  InputStream openSnapshotFile(Member peer, String snapshot, String path, long offset)
      throws IOException, InterruptedException;
}
