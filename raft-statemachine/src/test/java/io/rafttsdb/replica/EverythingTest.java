package io.rafttsdb.replica;

import static io.rafttsdb.replica.TestCluster.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.rafttsdb.command.CommandResult;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.block.BlockChecksum;
import io.rafttsdb.storage.manifest.ManifestPart;
import io.rafttsdb.storage.model.AppendResult;
import io.rafttsdb.storage.model.Capture;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Matcher;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.Selection;
import io.rafttsdb.storage.model.SeriesView;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Everything often, by real Raft: block ranges of a minute, a snapshot every few entries, segments
 * of a kilobyte; writes, late ones, cuts, compactions, retention, deletes, changes of leader,
 * restarts, a follower left behind until it needs an install, a node replaced, in an order that a
 * seed gives. At the end every node has the same state, the same blocks byte for byte, and what was
 * acknowledged. In one process, since those of a node can't be configured so small. Longer: {@code
 * -Drafttsdb.everything.minutes=5}; again: {@code -Drafttsdb.everything.seed=7}.
 */
class EverythingTest {
  private static final String MINUTES = "rafttsdb.everything.minutes";
  private static final String SKIPPED =
      "skipped: belongs to the longer suite, -D" + MINUTES + "=0 for one round of everything";

  private static final long RANGE_MS = 60_000;
  private static final long START_MS = TestCluster.START_MS / RANGE_MS * RANGE_MS;
  private static final long STEP_MS = 10_000;
  private static final long RETENTION_MS = 25 * RANGE_MS;
  private static final int SERIES = 10;
  private static final Duration QUIET = Duration.ofSeconds(3);
  private static final Duration LIMIT = Duration.ofSeconds(20);

  /** What happens, each once in a round, in any order. */
  private enum Event {
    NEW_LEADER,
    RESTART_OF_A_FOLLOWER,
    RESTART_OF_THE_LEADER,
    DELETE,
    CLEAN_TOMBSTONES,
    LATE_WRITES,
    LEFT_BEHIND,
    REPLACEMENT
  }

  @TempDir private Path root;
  private TestCluster cluster;
  private Random random;
  private long writes;
  private int installs;

  /** Acknowledged and not deleted: of each series the values by time. */
  private final Map<Labels, NavigableMap<Long, Long>> ledger = new TreeMap<>();

  /** The same with what was deleted: blocks may hold that until they are written anew. */
  private final Map<Labels, NavigableMap<Long, Long>> ever = new TreeMap<>();

  private final long seed = Long.getLong("rafttsdb.everything.seed", new Random().nextInt(1000));

  @Test
  void allNodesHaveTheSameAndWhatWasAcknowledged() throws Exception {
    Integer minutes = Integer.getInteger(MINUTES);
    if (minutes == null) {
      System.out.println(SKIPPED);
    }
    assumeTrue(minutes != null, SKIPPED);
    long endNanos = System.nanoTime() + Duration.ofMinutes(minutes).toNanos();
    System.out.println("everything with seed " + seed);
    int rounds = 0;
    do {
      List<Event> events = new ArrayList<>(List.of(Event.values()));
      Collections.shuffle(events, random);
      for (Event event : events) {
        write(8);
        happen(event);
      }
      rounds++;
    } while (System.nanoTime() - endNanos < 0);
    write(8);
    awaitSettled();
    check();
    System.out.printf("everything: %d rounds, %d writes, %d installs%n", rounds, writes, installs);
    assertThat(installs).isGreaterThanOrEqualTo(rounds);
  }

  @BeforeEach
  void start() throws Exception {
    random = new Random(seed);
    cluster = new TestCluster(root, 3);
    cluster.settings =
        new Settings(
            RANGE_MS, RANGE_MS, RETENTION_MS, Settings.UNLIMITED, Settings.RANGE_FACTOR_DEFAULT);
    cluster.limits =
        SnapshotTest.smallLimits().withElection(Duration.ofMillis(600), Duration.ofMillis(1200));
    cluster.startAll().awaitReady();
  }

  // ---- what happens

  private void happen(Event event) throws Exception {
    switch (event) {
      case NEW_LEADER -> handOver();
      case RESTART_OF_A_FOLLOWER -> restart(follower());
      case RESTART_OF_THE_LEADER -> restart(cluster.leaderIndex());
      case DELETE -> delete();
      case CLEAN_TOMBSTONES -> {
        var _ = cluster.leader().cleanTombstones(); // done when it is done, or not by this leader
      }
      case LATE_WRITES -> writeLate();
      case LEFT_BEHIND -> leaveBehind();
      case REPLACEMENT -> replace();
    }
  }

  private long newestMs() {
    return START_MS + writes * STEP_MS;
  }

  private static Labels labels(int series) {
    return Labels.of("__name__", "m", "i", String.valueOf(series));
  }

  /** The next samples of all series. */
  private void write(int count) {
    for (int i = 0; i < count; i++) {
      writes++;
      SampleBatch.Builder batch = new SampleBatch.Builder();
      for (int series = 0; series < SERIES; series++) {
        batch.series(labels(series));
        batch.sample(newestMs(), random.nextInt(1000));
      }
      write(batch.build());
    }
  }

  /** Samples within the window for what is out of order. */
  private void writeLate() {
    for (int i = 0; i < 10; i++) {
      SampleBatch.Builder batch = new SampleBatch.Builder();
      batch.series(labels(random.nextInt(SERIES)));
      batch.sample(newestMs() - 1 - random.nextInt((int) RANGE_MS), random.nextInt(1000));
      write(batch.build());
    }
  }

  /** What is not refused is acknowledged; a repeat may be what a lost answer was about. */
  private void write(SampleBatch batch) {
    AppendResult.Judged result = (AppendResult.Judged) cluster.write(batch);
    Set<Integer> refused = new HashSet<>();
    result.refused().forEach(each -> refused.add(each.sample()));
    for (int row = 0; row < batch.rowCount(); row++) {
      int sample = batch.sampleStart(row);
      if (!refused.contains(sample)) {
        for (Map<Labels, NavigableMap<Long, Long>> each : List.of(ledger, ever)) {
          each.computeIfAbsent(batch.definition(row), none -> new TreeMap<>())
              .putIfAbsent(batch.timestampMs(sample), batch.valueBits(sample));
        }
      }
    }
  }

  private void delete() throws Exception {
    int series = random.nextInt(SERIES);
    long minMs = newestMs() - random.nextLong(10 * RANGE_MS);
    long maxMs = minMs + random.nextLong(3 * RANGE_MS);
    Matcher matcher = new Matcher(Matcher.Type.EQUAL, "i", String.valueOf(series));
    for (boolean isDone = false; !isDone; ) {
      try {
        CommandResult result =
            cluster
                .leader()
                .delete(List.of(matcher), minMs, maxMs)
                .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(result).isEqualTo(new CommandResult.Done());
        isDone = true;
      } catch (ExecutionException e) {
        assertThat(e).hasCauseInstanceOf(ReplicaFailure.class); // unknown; the same again
      }
    }
    ledger.getOrDefault(labels(series), new TreeMap<>()).subMap(minMs, true, maxMs, true).clear();
  }

  private int follower() {
    int leader = cluster.leaderIndex();
    List<Integer> followers = new ArrayList<>();
    for (int i = 0; i < cluster.members.size(); i++) {
      if (i != leader && cluster.replicas[i] != null) {
        followers.add(i);
      }
    }
    return followers.get(random.nextInt(followers.size()));
  }

  /** The leader may have changed by itself meanwhile: then the same again. */
  private void handOver() {
    int to = follower();
    await()
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(ReplicaFailure.class)
        .until(() -> {
          if (cluster.leaderIndex() != to) {
            cluster.leader().membership().transfer(cluster.members.get(to), LIMIT);
          }
          return cluster.leaderIndex() == to;
        });
  }

  private void restart(int place) throws Exception {
    cluster.stop(place);
    write(4);
    cluster.start(place);
    cluster.awaitReady();
  }

  /** Until no other node has its next entry any more. */
  private void leaveBehind() throws Exception {
    int behind = follower();
    long applied = cluster.replica(behind).status().appliedIndex();
    cluster.stop(behind);
    await()
        .atMost(PATIENCE)
        .until(() -> {
          write(4);
          return cluster.running().stream()
              .allMatch(r -> r.gate().division().getRaftLog().getStartIndex() > applied + 20);
        });
    cluster.start(behind);
    cluster.awaitReady();
    installs += (int) metric(cluster.replica(behind), "snapshots_installed_total");
  }

  /** A node that lost its disk is removed, and comes back as another one. */
  private void replace() throws Exception {
    int lost = follower();
    cluster.stop(lost);
    int fresh = cluster.startWiped(lost);
    MembershipGate gate = cluster.leader().membership();
    List<Member> voters = new ArrayList<>(gate.present().voters());
    voters.remove(cluster.members.get(lost));
    change(voters, List.of());
    change(voters, List.of(cluster.members.get(fresh)));
    voters.add(cluster.members.get(fresh));
    change(voters, List.of());
    cluster.awaitReady();
  }

  private void change(List<Member> voters, List<Member> listeners) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(ReplicaFailure.class)
        .until(() -> {
          MembershipGate gate = cluster.leader().membership();
          Membership present = gate.present();
          if (!isMadeOf(present, voters, listeners)) {
            gate.change(present, voters, listeners, () -> true);
          }
          return isMadeOf(gate.present(), voters, listeners);
        });
  }

  private static boolean isMadeOf(Membership present, List<Member> voters, List<Member> listeners) {
    return Set.copyOf(present.voters()).equals(Set.copyOf(voters))
        && Set.copyOf(present.listeners()).equals(Set.copyOf(listeners));
  }

  // ---- the end

  private static double metric(ShardReplica replica, String name) {
    return replica.metrics().stream()
        .filter(metric -> metric.name().equals(name))
        .findFirst()
        .orElseThrow()
        .value()
        .getAsDouble();
  }

  private static List<ManifestPart> parts(ShardReplica replica) {
    return replica.storage().manifest().parts();
  }

  /** Until for a while nothing is done any more. */
  private void awaitSettled() {
    await()
        .atMost(PATIENCE.multipliedBy(2))
        .during(QUIET)
        .untilAsserted(() -> {
          List<ManifestPart> parts = parts(cluster.leader());
          for (ShardReplica replica : cluster.running()) {
            assertThat(metric(replica, "blocks_pending")).isZero();
            assertThat(metric(replica, "blocks_present")).isEqualTo(parts.size());
            assertThat(parts(replica)).isEqualTo(parts);
          }
        });
    cluster.assertEqualStates();
  }

  private void check() throws Exception {
    Map<Ulid, String> blocks = null;
    for (int i = 0; i < cluster.members.size(); i++) {
      if (cluster.replicas[i] != null) {
        checkSamples(cluster.replica(i));
        Map<Ulid, String> here = checksums(i);
        assertThat(here).as("blocks of %s", cluster.members.get(i)).isNotEmpty();
        assertThat(blocks == null ? here : blocks).isEqualTo(here);
        blocks = here;
      }
    }
    checkByPromtool(cluster.leaderIndex());
    assertThat(parts(cluster.leader())).anyMatch(part -> part.level() > 1);
  }

  /** Everything that was acknowledged and is younger than the retention, and nothing else. */
  private void checkSamples(ShardReplica replica) {
    Map<Labels, NavigableMap<Long, Long>> all = new TreeMap<>();
    Selection everything = new Selection(List.of(), Long.MIN_VALUE, Long.MAX_VALUE);
    try (Capture capture = replica.storage().select(List.of(everything), 1000)) {
      for (SeriesView view : capture.series().getFirst()) {
        NavigableMap<Long, Long> samples = new TreeMap<>();
        SampleCursor cursor = view.samples();
        while (cursor.next()) {
          samples.put(cursor.timestampMs(), cursor.valueBits());
        }
        all.put(view.labels(), samples);
      }
    }
    long floorMs = newestMs() - RETENTION_MS;
    ledger.forEach((labels, acknowledged) -> {
      NavigableMap<Long, Long> found = all.getOrDefault(labels, new TreeMap<>());
      assertThat(acknowledged.entrySet()).as("%s", labels).containsAll(found.entrySet());
      assertThat(found.tailMap(floorMs)).as("%s", labels).isEqualTo(acknowledged.tailMap(floorMs));
    });
    assertThat(ledger.keySet()).containsAll(all.keySet());
  }

  /** Over index, chunks and canonical meta.json. */
  private Map<Ulid, String> checksums(int place) throws IOException {
    Map<Ulid, String> checksums = new TreeMap<>();
    for (ManifestPart part : parts(cluster.replica(place))) {
      Path block = cluster.directory(place).resolve("blocks").resolve(part.ulid().toString());
      checksums.put(part.ulid(), HexFormat.of().formatHex(BlockChecksum.of(block, bytes -> {})));
    }
    return checksums;
  }

  /**
   * A stock promtool, where there is one, finds in the blocks of a node what was acknowledged and
   * nothing else; the other nodes have the same bytes. What came out of order may be in the Head
   * still.
   */
  private void checkByPromtool(int place) throws Exception {
    Optional<PromtoolDump> promtool = PromtoolDump.find();
    if (promtool.isEmpty()) {
      System.out.println("no promtool in PROMETHEUS_HOME or /usr/bin: blocks not read by it");
      return;
    }
    Path blocks = cluster.directory(place).resolve("blocks");
    Tsdb storage = cluster.replica(place).storage();
    String listed = promtool.get().list(blocks);
    Map<Labels, NavigableMap<Long, Long>> found = new TreeMap<>();
    for (ManifestPart part : storage.manifest().parts()) {
      assertThat(listed).contains(part.ulid().toString());
      Path block = blocks.resolve(part.ulid().toString());
      promtool
          .get()
          .dump(block, root)
          .forEach((labels, samples) -> {
            assertThat(samples.firstKey()).isGreaterThanOrEqualTo(part.minMs());
            assertThat(samples.lastKey()).isLessThan(part.endMs());
            assertThat(ever.getOrDefault(labels, new TreeMap<>()).entrySet())
                .as("%s in %s", labels, part.ulid())
                .containsAll(samples.entrySet());
            found.computeIfAbsent(labels, none -> new TreeMap<>()).putAll(samples);
          });
    }
    long floorMs = newestMs() - RETENTION_MS;
    ledger.forEach((labels, acknowledged) -> {
      NavigableMap<Long, Long> inBlocks = new TreeMap<>(acknowledged);
      inBlocks.keySet().removeIf(ms -> ms < floorMs || ms >= storage.sealedUpToMs());
      inBlocks.keySet().removeIf(ms -> (ms - START_MS) % STEP_MS != 0); // out of order
      assertThat(found.getOrDefault(labels, new TreeMap<>()).entrySet())
          .as("%s", labels)
          .containsAll(inBlocks.entrySet());
    });
    assertThat(found).isNotEmpty();
  }

  @AfterEach
  void close() throws Exception {
    cluster.close();
    assertThat(cluster.failures).isEmpty();
  }
}
