package io.rafttsdb.node;

import com.codahale.metrics.MetricRegistry;
import io.rafttsdb.node.backup.Backups;
import io.rafttsdb.node.backup.CommandEndpoints;
import io.rafttsdb.node.backup.Imports;
import io.rafttsdb.node.clock.ClockGauge;
import io.rafttsdb.node.cluster.BlockEndpoint;
import io.rafttsdb.node.cluster.BlocksEndpoint;
import io.rafttsdb.node.cluster.Bootstrap;
import io.rafttsdb.node.cluster.Bootstrap.Outcome;
import io.rafttsdb.node.cluster.BootstrapEndpoints;
import io.rafttsdb.node.cluster.CheckEndpoint;
import io.rafttsdb.node.cluster.ClusterMember;
import io.rafttsdb.node.cluster.DataDirectory;
import io.rafttsdb.node.cluster.HealthEndpoints;
import io.rafttsdb.node.cluster.HttpPeerReports;
import io.rafttsdb.node.cluster.HttpSnapshotSource;
import io.rafttsdb.node.cluster.Identity;
import io.rafttsdb.node.cluster.ReplicaSlot;
import io.rafttsdb.node.cluster.SettingsEndpoint;
import io.rafttsdb.node.cluster.SnapshotEndpoint;
import io.rafttsdb.node.cluster.StartRefused;
import io.rafttsdb.node.cluster.StatusEndpoint;
import io.rafttsdb.node.config.ConfigError;
import io.rafttsdb.node.config.NodeConfig;
import io.rafttsdb.node.disk.DiskGauge;
import io.rafttsdb.node.disk.FreeSpace;
import io.rafttsdb.node.http.HttpLimits;
import io.rafttsdb.node.http.HttpRequest;
import io.rafttsdb.node.http.HttpServer;
import io.rafttsdb.node.http.Router;
import io.rafttsdb.node.ingest.WriteEndpoint;
import io.rafttsdb.node.members.DiskDuty;
import io.rafttsdb.node.members.MembersEndpoints;
import io.rafttsdb.node.members.MembershipWatch;
import io.rafttsdb.node.members.PeerRounds;
import io.rafttsdb.node.members.ShardMembers;
import io.rafttsdb.node.monitor.ClockSource;
import io.rafttsdb.node.monitor.DiskSource;
import io.rafttsdb.node.monitor.HostDevices;
import io.rafttsdb.node.monitor.HostMetrics;
import io.rafttsdb.node.monitor.HttpMetrics;
import io.rafttsdb.node.monitor.Instruments;
import io.rafttsdb.node.monitor.JvmMetrics;
import io.rafttsdb.node.monitor.MetricsEndpoint;
import io.rafttsdb.node.monitor.NodeMetrics;
import io.rafttsdb.node.monitor.ProcessMetrics;
import io.rafttsdb.node.monitor.ReplicaSource;
import io.rafttsdb.node.monitor.SelfMonitor;
import io.rafttsdb.node.query.AdminEndpoints;
import io.rafttsdb.node.query.BackupEndpoints;
import io.rafttsdb.node.query.QueryEndpoints;
import io.rafttsdb.replica.FatalHandler;
import io.rafttsdb.replica.Member;
import io.rafttsdb.replica.RaftNode;
import io.rafttsdb.replica.ReplicaConfig;
import io.rafttsdb.replica.ReplicaConfig.FirstRole;
import io.rafttsdb.replica.ReplicaLimits;
import io.rafttsdb.replica.ServedFiles;
import io.rafttsdb.replica.ShardReplica;
import io.rafttsdb.replica.ShardSetup;
import io.rafttsdb.replica.duty.UlidSource;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node: the only place that knows all parts and puts them together. It listens on HTTP at once,
 * takes its place in the cluster on a thread of its own, and serves from then on.
 */
public final class Node implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Node.class);

  private static final Path PROC = Path.of("/proc");

  private static final Duration BOOTSTRAP_PAUSE = Duration.ofMillis(250);
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(2);
  private static final Duration HTTP_CLOSE_LIMIT = Duration.ofSeconds(5);

  private final NodeConfig config;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final FatalHandler fatal;
  private final DataDirectory directory;
  private final Bootstrap bootstrap;
  private final ReplicaSlot slot = new ReplicaSlot();
  private final DiskGauge disk = new DiskGauge();
  private final ClockGauge clockGauge;
  private final PeerRounds peers;
  private final Instruments instruments = new Instruments(new MetricRegistry());
  private final NodeMetrics metrics;
  private final WriteEndpoint write;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_LIMIT)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();
  private final Backups backups;
  private final MembersEndpoints members;
  private final ShardMembers shardMembers;
  private final HttpServer server;
  private final SelfMonitor selfMonitor;
  private final Thread joining;
  private final CompletableFuture<NodeEnd> end = new CompletableFuture<>();
  private @Nullable RaftNode running;
  private boolean monitoring;
  private boolean closed;

  /** Since when this node takes no part in Raft. Of the joining thread. */
  private long silentSinceNanos = processStartNanos();

  private Node(
      NodeConfig config,
      InstantSource clock,
      RandomGenerator random,
      FatalHandler fatal,
      DataDirectory directory,
      FreeSpace freeSpace)
      throws IOException, StartRefused, ConfigError {
    this.config = config;
    this.clock = clock;
    this.random = random;
    this.fatal = fatal;
    this.directory = directory;
    this.bootstrap = Bootstrap.of(config, directory, random);
    this.clockGauge = new ClockGauge(clock, System::nanoTime);
    this.metrics =
        new NodeMetrics(
            List.of(
                new ReplicaSource(slot),
                new DiskSource(disk),
                new ClockSource(clockGauge),
                instruments,
                new JvmMetrics(),
                new ProcessMetrics(PROC),
                new HostMetrics(PROC),
                new HostDevices(PROC, directory.path())));
    this.write = new WriteEndpoint(slot, clock, config.headBytesMax(), this::refusal, instruments);
    this.backups = new Backups(directory.path(), client, clock);
    backups.sweep();
    this.members = new MembersEndpoints(bootstrap, slot, client);
    this.shardMembers = new ShardMembers(slot, client);
    this.peers =
        new PeerRounds(
            bootstrap,
            slot,
            client,
            new DiskDuty(
                freeSpace,
                new DiskDuty.Reserve(limits().segmentBytes(), config.freeBytesMargin()),
                disk,
                reason -> end(new NodeEnd(NodeEnd.Kind.DISK_FULL, reason))),
            clockGauge,
            config.leaderPriority());
    this.server =
        HttpServer.start(
            config.httpBind().resolve(),
            router(),
            HttpLimits.DEFAULT,
            new HttpMetrics(instruments));
    this.selfMonitor =
        new SelfMonitor(
            metrics,
            config.self().http().toString(),
            clock,
            () -> slot.notReadyReason().isEmpty(),
            request -> write.write(request.body()),
            instruments);
    this.joining = Thread.ofPlatform().name("join").daemon().unstarted(this::join);
  }

  /**
   * Starts a node and returns while it is still taking its place.
   *
   * @param fatal called when the node must not go on; see {@link FatalHandler}
   * @throws ConfigError where the configuration does not fit the cluster that the directory knows
   * @throws StartRefused where the data directory is in use, damaged or not this node's
   * @throws IOException where the address can't be listened on, or the directory not be used
   */
  public static Node start(
      NodeConfig config, InstantSource clock, RandomGenerator random, FatalHandler fatal)
      throws IOException, StartRefused, ConfigError {
    return start(config, clock, random, fatal, FreeSpace.of(config.storagePath()));
  }

  /**
   * The same on a disk that has as much room as is said.
   *
   * @param freeSpace asked each second
   */
  public static Node start(
      NodeConfig config,
      InstantSource clock,
      RandomGenerator random,
      FatalHandler fatal,
      FreeSpace freeSpace)
      throws IOException, StartRefused, ConfigError {
    DataDirectory directory = DataDirectory.open(config.storagePath(), config.name());
    try {
      Node node = new Node(config, clock, random, fatal, directory, freeSpace);
      log.info(
          "{} listens on {}, data in {}",
          config.name(),
          config.httpBind(),
          directory.path().toAbsolutePath());
      node.peers.start();
      node.shardMembers.start();
      node.joining.start();
      return node;
    } catch (IOException | StartRefused | ConfigError | RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  private Router router() {
    Router.Builder router = Router.builder();
    new HealthEndpoints(slot).register(router);
    new StatusEndpoint(bootstrap, slot, disk, clockGauge, config.leaderPriority()).register(router);
    new SnapshotEndpoint(this::servedFiles).register(router);
    new BlockEndpoint(this::servedFiles).register(router);
    new BlocksEndpoint(slot).register(router);
    new SettingsEndpoint(slot, client).register(router);
    new CheckEndpoint(slot).register(router);
    new BootstrapEndpoints(bootstrap).register(router);
    new MetricsEndpoint(metrics).register(router);
    members.register(router);
    write.register(router);
    new QueryEndpoints(slot, clock).register(router);
    new AdminEndpoints(slot, client, config.adminApi()).register(router);
    new CommandEndpoints(slot, config.adminApi()).register(router);
    new BackupEndpoints(bootstrap, slot, backups, new Imports(client), disk, config.adminApi())
        .register(router);
    return router.build();
  }

  /** Why this node takes no samples while it leads. */
  private String refusal() {
    String byDisk = disk.refusal();
    return byDisk.isEmpty() ? clockGauge.refusal() : byDisk;
  }

  /** On a thread of its own, which {@link #close} interrupts. */
  private void join() {
    try {
      while (true) {
        Identity.Joined joined = awaitJoined();
        slot.waiting("checking the log and loading the newest snapshot");
        RaftNode started =
            RaftNode.start(
                shards(joined),
                new UlidSource(clock, random, clockGauge::isTrusted),
                fatal,
                silentSinceNanos);
        serve(started);
        afterwards(
            joined, started, new MembershipWatch(client, joined, started.shards()).awaitEnd());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (io.rafttsdb.replica.disk.StartRefused e) {
      end(new NodeEnd(NodeEnd.Kind.START_REFUSED, String.valueOf(e.getMessage())));
    } catch (IOException | RuntimeException e) {
      log.error("the replica can't start", e);
      end(new NodeEnd(NodeEnd.Kind.START_REFUSED, e.toString()));
    }
  }

  /** An earlier process has taken part until then at the most. */
  private static long processStartNanos() {
    return System.nanoTime()
        - TimeUnit.MILLISECONDS.toNanos(ManagementFactory.getRuntimeMXBean().getUptime());
  }

  private void afterwards(Identity.Joined joined, RaftNode ended, MembershipWatch.End end)
      throws IOException {
    switch (end) {
      case REMOVED -> {
        log.warn("{} was removed from the cluster {}", joined.name(), joined.clusterId());
        bootstrap.leave();
        leave(ended, "this node was removed from the cluster");
      }
      case RESTART -> leave(ended, "starting anew, as a member");
      case REPLACED -> leave(ended, "starting anew, with the state that the majority has");
      case STOPPED -> fatal.fatal("the Ratis division stopped by itself", null);
    }
  }

  private synchronized void leave(RaftNode ended, String reason) throws IOException {
    if (!closed) {
      slot.waiting(reason);
      running = null;
      ended.close();
      silentSinceNanos = System.nanoTime();
    }
  }

  private Identity.Joined awaitJoined() throws InterruptedException, IOException {
    String told = "";
    while (true) {
      switch (bootstrap.round()) {
        case Outcome.Done(Identity.Joined joined) -> {
          log.info("{} is a member of the cluster {}", joined.name(), joined.clusterId());
          return joined;
        }
        case Outcome.Waiting(String reason) -> {
          slot.waiting(reason);
          if (!reason.equals(told)) {
            log.info("{}", reason);
            told = reason;
          }
          TimeUnit.NANOSECONDS.sleep(BOOTSTRAP_PAUSE.toNanos());
        }
      }
    }
  }

  private Optional<ServedFiles> servedFiles(HttpRequest request) {
    return slot.replica(request).map(ShardReplica::servedFiles);
  }

  private List<ShardSetup> shards(Identity.Joined joined) {
    List<ShardSetup> setups = new ArrayList<>();
    for (int shard = 0; shard < joined.shape().shards(); shard++) {
      setups.add(
          new ShardSetup(
              replicaConfig(joined, shard),
              new HttpSnapshotSource(shard),
              new HttpPeerReports(client, shard)));
    }
    return setups;
  }

  private ReplicaConfig replicaConfig(Identity.Joined joined, int shard) {
    boolean founder = joined.origin() == Identity.Origin.FOUNDED;
    Member self = member(joined.self());
    int shards = joined.shape().shards();
    return new ReplicaConfig(
        joined.clusterId(),
        shard,
        self,
        config.raftBind().toString(),
        founder ? joined.members().stream().map(Node::member).toList() : List.of(self),
        DataDirectory.shard(directory.path(), shard),
        config.firstSettings(joined.shape().blockRangeMs()),
        config.settings(),
        config.blockPolicy().ofOne(shards),
        limits().ofOne(shards),
        founder ? FirstRole.VOTER : FirstRole.LISTENER,
        config.leaderLease());
  }

  private ReplicaLimits limits() {
    return ReplicaLimits.DEFAULT.withSnapshotLogBytes(config.snapshotLogBytes());
  }

  private static Member member(ClusterMember member) {
    return new Member(
        member.name(),
        member.incarnation(),
        member.address().raft().toString(),
        member.address().http().toString());
  }

  private synchronized void serve(RaftNode started) throws IOException {
    if (closed) {
      started.close();
      return;
    }
    for (ShardReplica shard : started.shards()) {
      shard.repairs().forEach(repair -> log.warn("{}", repair));
    }
    warnOfAListOfOne(started.shards().getFirst());
    running = started;
    slot.running(started);
    Duration interval = config.selfMonitoringInterval();
    if (interval != null && !monitoring) {
      monitoring = true;
      selfMonitor.start(interval);
    }
  }

  /** Without its disk such a node would be a cluster of its own again, and take writes. */
  private void warnOfAListOfOne(ShardReplica started) {
    if (!config.join()
        && config.members().size() == 1
        && started.membership().present().voters().size() > 1) {
      log.warn(
          "the cluster has grown, but {} has no other members in its configuration: set join = true"
              + " there, so that it never begins a cluster anew with an empty disk",
          config.name());
    }
  }

  /** Lets {@link #awaitEnd} return; the first one's reason counts. */
  public void end(NodeEnd reason) {
    end.complete(reason);
  }

  /** Waits until the node can't or shall not go on by itself. */
  public NodeEnd awaitEnd() throws InterruptedException {
    try {
      return end.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("never completed with an exception", e);
    }
  }

  /** Its replica, for tests that do to it what no user can. */
  Optional<ShardReplica> replica() {
    return slot.replica();
  }

  /** Where HTTP is listened on. */
  public InetSocketAddress httpAddress() {
    return server.address();
  }

  /** Stops cleanly: no more requests, a snapshot, the log closed. May be called again. */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    joining.interrupt();
    members.close();
    peers.close();
    shardMembers.close();
    selfMonitor.close();
    server.close(HTTP_CLOSE_LIMIT);
    write.close();
    client.shutdownNow();
    try {
      RaftNode last = running;
      if (last != null) {
        last.close();
      }
      directory.close();
    } catch (IOException e) {
      log.error("not stopped cleanly; the next start repairs it", e);
    }
  }
}
