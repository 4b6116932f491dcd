package io.rafttsdb.replica;

import io.rafttsdb.command.CommandResult;
import io.rafttsdb.replica.ReplicaFailure.Unavailable;
import io.rafttsdb.storage.model.Settings;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the other shards the settings of the first one, their home: the leader of each proposes
 * them where its own differ. It reads them behind a barrier of the home shard, so that what a
 * replica has not heard of yet never brings an older value back. For one thread.
 */
final class SharedSettings {
  private static final Logger LOG = LoggerFactory.getLogger(SharedSettings.class);
  private static final Duration BARRIER_LIMIT = Duration.ofSeconds(2);
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);

  private final ShardReplica home;
  private final List<ShardReplica> others;

  /** Of a node's replicas, in order. */
  SharedSettings(List<ShardReplica> shards) {
    this.home = shards.getFirst();
    this.others = shards.subList(1, shards.size());
  }

  /** One round; false, so that the thread pauses after each. */
  boolean round() throws InterruptedException {
    for (ShardReplica shard : others) {
      if (shard.isReadyLeader() && differs(shard)) {
        follow(shard);
      }
    }
    return false;
  }

  private boolean differs(ShardReplica shard) {
    Settings wanted = home.storage().settings();
    return wanted != null && !wanted.equals(shard.storage().settings());
  }

  private void follow(ShardReplica shard) throws InterruptedException {
    try {
      long _ = home.awaitReadable(BARRIER_LIMIT);
      Settings wanted = home.storage().settings();
      if (wanted != null && differs(shard)) {
        CommandResult result =
            shard.adopt(wanted).get(ANSWER_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        if (result instanceof CommandResult.Refused(String reason)) {
          LOG.warn("shard {} refuses the settings of the cluster: {}", shard.shard(), reason);
        }
      }
    } catch (Unavailable | TimeoutException e) {
      LOG.info("shard {} has older settings for now: {}", shard.shard(), e.getMessage());
    } catch (ExecutionException e) {
      LOG.info("shard {} has older settings for now: {}", shard.shard(), e.getCause());
    }
  }
}
