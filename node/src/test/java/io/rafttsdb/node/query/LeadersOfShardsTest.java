package io.rafttsdb.node.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.rafttsdb.node.cluster.FreePorts;
import io.rafttsdb.node.cluster.HttpPeerReports;
import io.rafttsdb.node.cluster.HttpSnapshotSource;
import io.rafttsdb.node.http.HttpRequest;
import io.rafttsdb.replica.Member;
import io.rafttsdb.replica.RaftNode;
import io.rafttsdb.replica.ReplicaConfig;
import io.rafttsdb.replica.ReplicaConfig.FirstRole;
import io.rafttsdb.replica.ReplicaLimits;
import io.rafttsdb.replica.ShardReplica;
import io.rafttsdb.replica.ShardSetup;
import io.rafttsdb.replica.duty.BlockPolicy;
import io.rafttsdb.replica.duty.UlidSource;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.SettingsChange;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One node leads three shards. */
final class LeadersOfShardsTest {

  private static final int SHARDS = 3;
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final HttpRequest REQUEST =
      new HttpRequest("POST", "/", Map.of(), Map.of(), Map.of(), new byte[0]);

  @TempDir Path directory;

  @Test
  void whereOneShardFailsTheOthersHaveItAndItCanBeAskedAgain() throws Exception {
    try (HttpClient client = HttpClient.newHttpClient();
        RaftNode node = start(client)) {
      List<ShardReplica> shards = node.shards();
      await().atMost(LIMIT).until(() -> shards.stream().allMatch(ShardReplica::isLeader));
      LeadersOfShards leaders = new LeadersOfShards(client);
      for (int failing = 0; failing < SHARDS; failing++) {
        int broken = failing;
        Set<Integer> done = new ConcurrentSkipListSet<>();
        assertThatThrownBy(() ->
                leaders.answer(
                    REQUEST,
                    shards,
                    shard -> {
                      if (shard.shard() == broken) {
                        await().atMost(LIMIT).until(() -> done.size() == SHARDS - 1);
                        throw new ApiError(ApiError.Type.UNAVAILABLE, "shard " + broken);
                      }
                      done.add(shard.shard());
                    },
                    LIMIT))
            .isInstanceOfSatisfying(
                ApiError.class, e -> assertThat(e).hasMessage("shard " + broken));
      }
      Set<Integer> done = new ConcurrentSkipListSet<>();
      assertThat(leaders.answer(REQUEST, shards, shard -> done.add(shard.shard()), LIMIT).status())
          .isEqualTo(204);
      assertThat(done).hasSize(SHARDS);
    }
  }

  private RaftNode start(HttpClient client) throws Exception {
    List<Integer> ports = FreePorts.take(2);
    Member self = new Member("n0", "abc", "127.0.0.1:" + ports.get(0), "127.0.0.1:" + ports.get(1));
    List<ShardSetup> setups = new ArrayList<>();
    for (int shard = 0; shard < SHARDS; shard++) {
      ReplicaConfig config =
          new ReplicaConfig(
              new UUID(5, 6),
              shard,
              self,
              self.raftAddress(),
              List.of(self),
              directory.resolve("shard-" + shard),
              new Settings(Settings.BLOCK_RANGE_DEFAULT_MS, 0),
              SettingsChange.NONE,
              BlockPolicy.DEFAULT,
              ReplicaLimits.DEFAULT,
              FirstRole.VOTER,
              false);
      setups.add(
          new ShardSetup(
              config, new HttpSnapshotSource(shard), new HttpPeerReports(client, shard)));
    }
    return RaftNode.start(
        setups,
        new UlidSource(InstantSource.system(), new Random(1)),
        (reason, cause) -> {
          throw new AssertionError(reason, cause);
        },
        System.nanoTime() - ReplicaLimits.DEFAULT.leaseMax().toNanos());
  }
}
