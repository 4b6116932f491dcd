package io.rafttsdb.replica;

import java.io.IOException;
import java.io.InputStream;

/** Where a follower that lags behind the leader's log gets a snapshot. */
@FunctionalInterface
public interface SnapshotSource {

  /**
   * The leader's newest snapshot as {@link ShardReplica#newestSnapshot} of the leader writes it.
   * The caller closes the stream. Called on a thread of its own, which may be interrupted.
   *
   * @throws IOException when the leader does not answer or has none; the replica tries again later
   */
  InputStream open(Member leader) throws IOException, InterruptedException;
}
