package io.rafttsdb.replica;

import static io.rafttsdb.replica.TestCluster.PATIENCE;
import static io.rafttsdb.replica.TestCluster.batch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.rafttsdb.replica.ReplicaConfig.FirstRole;
import io.rafttsdb.replica.disk.StartRefused;
import io.rafttsdb.replica.duty.BlockPolicy;
import io.rafttsdb.replica.duty.UlidSource;
import io.rafttsdb.storage.model.AppendResult;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.SettingsChange;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes of four shards each, on one port a node. */
class ShardsTest {
  private static final UUID CLUSTER = new UUID(3, 4);
  private static final int NODES = 3;
  private static final int SHARDS = 4;

  @TempDir Path root;

  private final List<Member> members = new ArrayList<>();
  private final Map<Integer, RaftNode> nodes = new TreeMap<>();
  private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();

  @AfterEach
  void closeAll() throws IOException {
    for (RaftNode node : nodes.values()) {
      node.close();
    }
  }

  @Test
  void shardsKeepTheirOwnAcrossALostNodeAndARestartOfAll() throws Exception {
    startAll();
    for (int i = 0; i < 40; i++) {
      write(i % SHARDS, i);
    }
    int lost = leaderOf(0);
    stop(lost);
    for (int i = 40; i < 80; i++) {
      write(i % SHARDS, i);
    }
    start(lost);
    assertEachShardHas(20);

    for (int i = 0; i < NODES; i++) {
      stop(i);
    }
    for (int i = 0; i < NODES; i++) {
      start(i);
    }
    assertEachShardHas(20);
    write(3, 80);
    assertThat(samplesOn(0, 3)).isEqualTo(21);
    assertThat(failures).isEmpty();
  }

  @Test
  void groupsOfOneClusterDifferAndTheFirstIsTheClusters() {
    List<UUID> groups = new ArrayList<>();
    for (int shard = 0; shard < ShardGroups.SHARDS_MAX; shard++) {
      groups.add(ShardGroups.groupId(CLUSTER, shard));
    }
    assertThat(groups).doesNotHaveDuplicates().startsWith(CLUSTER);
    assertThat(groups.getLast()).isEqualTo(new UUID(3, 4 ^ 15));
    assertThatThrownBy(() -> ShardGroups.groupId(CLUSTER, ShardGroups.SHARDS_MAX))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aDamagedLogOfOneShardRefusesTheStartOfAllAndLetsTheDirectoriesGo() throws Exception {
    startAll();
    for (int shard = 0; shard < SHARDS; shard++) {
      write(shard, shard);
    }
    stop(0);
    Path meta =
        directory(0, 2)
            .resolve("raft")
            .resolve(ShardGroups.groupId(CLUSTER, 2).toString())
            .resolve("current")
            .resolve("raft-meta");
    byte[] bytes = Files.readAllBytes(meta);
    Files.delete(meta);
    assertThatThrownBy(() -> start(0))
        .isInstanceOf(StartRefused.class)
        .hasMessageContaining(meta.toString());

    Files.write(meta, bytes);
    start(0);
    assertEachShardHas(1);
  }

  private void startAll() throws IOException, StartRefused {
    List<ServerSocket> sockets = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
    }
    for (int i = 0; i < NODES; i++) {
      String raft = "127.0.0.1:" + sockets.get(i).getLocalPort();
      members.add(new Member("node" + (i + 1), "abc" + i, raft, "127.0.0.1:" + (i + 1)));
    }
    for (ServerSocket socket : sockets) {
      socket.close();
    }
    for (int i = 0; i < NODES; i++) {
      start(i);
    }
  }

  private Path directory(int node, int shard) {
    return root.resolve("node" + node).resolve("shard-" + shard);
  }

  private void start(int node) throws IOException, StartRefused {
    List<ShardSetup> setups = new ArrayList<>();
    for (int i = 0; i < SHARDS; i++) {
      int shard = i;
      ReplicaConfig config =
          new ReplicaConfig(
              CLUSTER,
              shard,
              members.get(node),
              members.get(node).raftAddress(),
              members,
              directory(node, shard),
              TestCluster.SETTINGS,
              SettingsChange.NONE,
              BlockPolicy.DEFAULT,
              ReplicaLimits.DEFAULT,
              FirstRole.VOTER,
              false);
      setups.add(
          new ShardSetup(
              config,
              new PeersInProcess(member -> running(member, shard).servedFiles()),
              new ReportsInProcess(member -> running(member, shard))));
    }
    nodes.put(
        node,
        RaftNode.start(
            setups,
            new UlidSource(InstantSource.system(), new SecureRandom()),
            (reason, cause) -> failures.add(reason + ": " + cause),
            System.nanoTime() - ReplicaLimits.DEFAULT.leaseMax().toNanos()));
  }

  private ShardReplica running(Member member, int shard) throws IOException {
    RaftNode node = nodes.get(members.indexOf(member));
    if (node == null) {
      throw new IOException(member.name() + " is stopped");
    }
    return node.shards().get(shard);
  }

  private void stop(int node) throws IOException {
    RaftNode stopped = node(node);
    nodes.remove(node);
    stopped.close();
  }

  private RaftNode node(int node) {
    RaftNode running = nodes.get(node);
    if (running == null) {
      throw new IllegalStateException("node " + node + " is stopped");
    }
    return running;
  }

  private int leaderOf(int shard) {
    await().atMost(PATIENCE).until(() -> presentLeader(shard) >= 0);
    return presentLeader(shard);
  }

  private int presentLeader(int shard) {
    for (Map.Entry<Integer, RaftNode> node : nodes.entrySet()) {
      ReplicaStatus status = node.getValue().shards().get(shard).status();
      if (status.ready() && status.role() == ReplicaStatus.Role.LEADER) {
        return node.getKey();
      }
    }
    return -1;
  }

  /** Writes one sample until it is stored, as a patient client does. */
  private void write(int shard, long at) throws InterruptedException, TimeoutException {
    SampleBatch batch = batch("s" + shard, at, (double) at);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        ShardReplica leader = node(leaderOf(shard)).shards().get(shard);
        AppendResult result =
            TestCluster.append(leader, batch).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(result).isInstanceOf(AppendResult.Judged.class);
        return;
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof ReplicaFailure) || System.nanoTime() > deadline) {
          throw new AssertionError(e);
        }
      }
    }
  }

  private void assertEachShardHas(long samples) throws Exception {
    for (int node : nodes.keySet()) {
      for (int shard = 0; shard < SHARDS; shard++) {
        assertThat(samplesOn(node, shard)).as("node %d, shard %d", node, shard).isEqualTo(samples);
      }
    }
  }

  private long samplesOn(int node, int shard) throws Exception {
    ShardReplica replica = node(node).shards().get(shard);
    long _ = replica.awaitReadable(PATIENCE);
    return TestCluster.samples(replica);
  }
}
