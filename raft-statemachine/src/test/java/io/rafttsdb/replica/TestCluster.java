package io.rafttsdb.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rafttsdb.replica.ReplicaConfig.FirstRole;
import io.rafttsdb.replica.disk.StartRefused;
import io.rafttsdb.replica.duty.BlockPolicy;
import io.rafttsdb.replica.duty.UlidSource;
import io.rafttsdb.storage.FrozenTsdb;
import io.rafttsdb.storage.model.AppendResult;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.SettingsChange;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Replicas in this JVM, on loopback ports that were free a moment ago. For one test thread. */
final class TestCluster implements AutoCloseable {
  /** More than an install takes that failed five times: it is tried again after up to 30 s. */
  static final Duration PATIENCE = Duration.ofMinutes(2);

  static final Settings SETTINGS = new Settings(Settings.BLOCK_RANGE_DEFAULT_MS, 0);
  static final long START_MS = 1_700_000_000_000L;

  /** Test processes beside each other take no ports from each other. */
  static final String HOST = "127.0.0." + Integer.getInteger("rafttsdb.test.fork", 1);

  final UUID clusterId = new UUID(1, 2);
  final Path root;
  final List<Member> members = new ArrayList<>();
  private final int founders;
  @Nullable ShardReplica[] replicas;
  final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();

  /** Without comparisons, so that a test knows every entry. */
  ReplicaLimits limits = ReplicaLimits.DEFAULT.withCheckInterval(Duration.ofDays(1));

  volatile boolean withholdSnapshots;
  Settings settings = SETTINGS;
  boolean leaderLease;
  SettingsChange configured = SettingsChange.NONE;
  BlockPolicy policy = BlockPolicy.DEFAULT;

  /** The cluster version that others answer to know; as long as it is null they don't answer. */
  volatile @Nullable Integer knownVersion;

  TestCluster(Path root, int size) throws IOException {
    this.root = root;
    this.founders = size;
    this.replicas = new ShardReplica[size];
    addMembers(size);
  }

  private void addMembers(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    for (int i = 0; i < 2 * count; i++) {
      sockets.add(new ServerSocket(0, 1, InetAddress.getByName(HOST)));
    }
    for (int i = 0; i < count; i++) {
      String raft = HOST + ":" + sockets.get(2 * i).getLocalPort();
      String http = HOST + ":" + sockets.get(2 * i + 1).getLocalPort();
      int number = members.size();
      members.add(new Member("node" + (number + 1), "abc" + number, raft, http));
    }
    for (ServerSocket socket : sockets) {
      socket.close();
    }
  }

  /** Starts a further replica, which is no member yet; gives its place. */
  int startStranger() throws IOException, StartRefused {
    addMembers(1);
    return startLast();
  }

  /** Starts a replica with the name and addresses of a stopped one, on an empty disk. */
  int startWiped(int i) throws IOException, StartRefused {
    Member old = members.get(i);
    members.add(
        new Member(old.name(), "abc" + members.size(), old.raftAddress(), old.httpAddress()));
    return startLast();
  }

  private int startLast() throws IOException, StartRefused {
    replicas = Arrays.copyOf(replicas, members.size());
    start(members.size() - 1);
    return members.size() - 1;
  }

  TestCluster startAll() throws IOException, StartRefused {
    for (int i = 0; i < replicas.length; i++) {
      start(i);
    }
    return this;
  }

  ReplicaConfig config(int i) {
    Member self = members.get(i);
    return new ReplicaConfig(
        clusterId,
        0,
        self,
        self.raftAddress(),
        i < founders ? members.subList(0, founders) : List.of(self),
        directory(i),
        settings,
        configured,
        policy,
        limits,
        i < founders ? FirstRole.VOTER : FirstRole.LISTENER,
        leaderLease);
  }

  Path directory(int i) {
    return root.resolve(members.get(i).id());
  }

  /** Where Ratis keeps the log of a replica. */
  Path log(int i) {
    return directory(i).resolve("raft").resolve(clusterId.toString()).resolve("current");
  }

  ShardReplica start(int i) throws IOException, StartRefused {
    ShardReplica replica =
        ShardReplica.start(
            config(i),
            new PeersInProcess(this::replicaOf),
            new Reports(),
            new UlidSource(InstantSource.system(), new SecureRandom()),
            (reason, cause) -> failures.add(reason + ": " + cause));
    replicas[i] = replica;
    return replica;
  }

  void stop(int i) throws IOException {
    replica(i).close();
    replicas[i] = null;
  }

  ShardReplica replica(int i) {
    ShardReplica replica = replicas[i];
    if (replica == null) {
      throw new IllegalStateException(members.get(i).name() + " is stopped");
    }
    return replica;
  }

  List<ShardReplica> running() {
    List<ShardReplica> running = new ArrayList<>();
    for (ShardReplica replica : replicas) {
      if (replica != null) {
        running.add(replica);
      }
    }
    return running;
  }

  private ServedFiles replicaOf(Member member) throws IOException {
    if (withholdSnapshots) {
      throw new IOException("withheld by the test");
    }
    return runningReplica(member).servedFiles();
  }

  private final class Reports extends ReportsInProcess {
    Reports() {
      super(TestCluster.this::runningReplica);
    }

    @Override
    public int knownVersion(Member member) throws IOException {
      Integer known = knownVersion;
      if (known == null) {
        throw new IOException(member.name() + " does not answer");
      }
      return known;
    }
  }

  private ShardReplica runningReplica(Member member) throws IOException {
    ShardReplica replica = replicas[members.indexOf(member)];
    if (replica == null) {
      throw new IOException(member.name() + " is stopped");
    }
    return replica;
  }

  int leaderIndex() {
    int found = presentLeader();
    if (found < 0) {
      await().atMost(PATIENCE).until(() -> presentLeader() >= 0);
      return leaderIndex();
    }
    return found;
  }

  private int presentLeader() {
    for (int i = 0; i < replicas.length; i++) {
      ShardReplica replica = replicas[i];
      if (replica != null) {
        if (replica.status().ready() && replica.isReadyLeader()) {
          return i;
        }
      }
    }
    return -1;
  }

  ShardReplica leader() {
    return replica(leaderIndex());
  }

  void awaitReady() {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(running())
                .allSatisfy(r -> assertThat(r.status().reason()).as("%s", r.status()).isEmpty()));
  }

  static SampleBatch batch(String series, long offsetMs, double value) {
    return new SampleBatch.Builder()
        .series(Labels.of("__name__", series))
        .sample(START_MS + offsetMs, Double.doubleToRawLongBits(value))
        .build();
  }

  static CompletableFuture<AppendResult> append(ShardReplica replica, SampleBatch batch) {
    return replica.append(batch, System.nanoTime() + PATIENCE.toNanos());
  }

  /** Writes by the present leader until it is stored, as a patient client does. */
  AppendResult write(SampleBatch batch) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        return append(leader(), batch).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof ReplicaFailure) || System.nanoTime() > deadline) {
          throw new AssertionError(e);
        }
      } catch (InterruptedException | TimeoutException e) {
        throw new AssertionError(e);
      }
    }
  }

  /** Waits until all running replicas have applied the same and compares their states. */
  void assertEqualStates() {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(running())
                .allSatisfy(r ->
                    assertThat(r.status().appliedIndex())
                        .isEqualTo(leader().status().commitIndex())));
    List<String> hashes = running().stream().map(TestCluster::stateHash).distinct().toList();
    assertThat(hashes).hasSize(1);
  }

  /** No entry may be under way: only the apply thread may freeze. */
  static String stateHash(ShardReplica replica) {
    try (FrozenTsdb frozen = replica.storage().freeze()) {
      return HexFormat.of().formatHex(frozen.stateHash());
    }
  }

  static long samples(ShardReplica replica) {
    return replica.storage().stats().sampleCount();
  }

  @Override
  public void close() throws IOException {
    for (ShardReplica replica : running()) {
      replica.close();
    }
  }
}
