package io.rafttsdb.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rafttsdb.command.CommandResult;
import io.rafttsdb.storage.block.BlockChecksum;
import io.rafttsdb.storage.manifest.ManifestPart;
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
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three replicas that cut, build, compact and drop by themselves, with block ranges of a minute.
 * What becomes of a leader's work when it dies, BlocksTest of jepsen-like-tests shows.
 */
class BlocksClusterTest {
  private static final long RANGE_MS = 60_000;
  private static final long START_MS = TestCluster.START_MS / RANGE_MS * RANGE_MS;
  private static final long STEP_MS = 5_000;
  private static final int SERIES = 20;

  @TempDir private Path root;

  private TestCluster cluster;
  private long written;

  @BeforeEach
  void prepare() throws Exception {
    cluster = new TestCluster(root, 3);
    cluster.settings = new Settings(RANGE_MS, 0);
  }

  private void start() throws Exception {
    cluster.startAll().awaitReady();
  }

  private void writeRanges(int ranges) {
    for (long end = written + ranges * RANGE_MS / STEP_MS; written < end; written++) {
      SampleBatch.Builder batch = new SampleBatch.Builder();
      for (int i = 0; i < SERIES; i++) {
        batch.series(labels(i));
        batch.sample(START_MS + written * STEP_MS, written);
      }
      cluster.write(batch.build());
    }
  }

  private static Labels labels(int series) {
    return Labels.of("__name__", "m", "i", String.valueOf(series));
  }

  private static List<ManifestPart> parts(ShardReplica replica) {
    return replica.storage().manifest().parts();
  }

  private static double metric(ShardReplica replica, String name) {
    return replica.metrics().stream()
        .filter(metric -> metric.name().equals(name))
        .findFirst()
        .orElseThrow()
        .value()
        .getAsDouble();
  }

  /** By series, all samples' values, as a linearizable read has them. */
  private static Map<Labels, List<Long>> samples(ShardReplica replica) {
    try {
      replica.awaitReadable(TestCluster.PATIENCE);
    } catch (ReplicaFailure.Unavailable | InterruptedException e) {
      throw new AssertionError(e);
    }
    Map<Labels, List<Long>> all = new TreeMap<>();
    Selection everything = new Selection(List.of(), Long.MIN_VALUE, Long.MAX_VALUE);
    try (Capture capture = replica.storage().select(List.of(everything), 1000)) {
      for (SeriesView view : capture.series().getFirst()) {
        List<Long> values = new ArrayList<>();
        SampleCursor cursor = view.samples();
        while (cursor.next()) {
          values.add(cursor.valueBits());
        }
        all.put(view.labels(), values);
      }
    }
    return all;
  }

  private Map<Ulid, String> checksums(int node) throws IOException {
    Map<Ulid, String> checksums = new TreeMap<>();
    for (ManifestPart part : parts(cluster.replica(node))) {
      Path block = cluster.directory(node).resolve("blocks").resolve(part.ulid().toString());
      checksums.put(part.ulid(), HexFormat.of().formatHex(BlockChecksum.of(block, bytes -> {})));
    }
    return checksums;
  }

  /** Until every node has every block of the manifest, nothing waits, and nothing is left over. */
  private void awaitSettled() {
    await()
        .atMost(TestCluster.PATIENCE)
        .untilAsserted(() -> {
          for (ShardReplica replica : cluster.running()) {
            assertThat(metric(replica, "blocks_pending")).isZero();
            assertThat(metric(replica, "blocks_present")).isEqualTo(metric(replica, "blocks"));
            assertThat(parts(replica)).isEqualTo(parts(cluster.leader()));
          }
        });
  }

  private void awaitParts(int atLeast) {
    await()
        .atMost(TestCluster.PATIENCE)
        .untilAsserted(() ->
            assertThat(parts(cluster.leader()).stream().filter(ManifestPart::isBuilt).count())
                .isGreaterThanOrEqualTo(atLeast));
  }

  @Test
  void allNodesBuildTheSameBlocksAndAnswerFromThem() throws Exception {
    start();
    writeRanges(12);
    await()
        .atMost(TestCluster.PATIENCE)
        .untilAsserted(() ->
            assertThat(cluster.leader().storage().sealedUpToMs())
                .isGreaterThanOrEqualTo(START_MS + 10 * RANGE_MS));
    await()
        .atMost(TestCluster.PATIENCE)
        .untilAsserted(
            () -> assertThat(parts(cluster.leader())).anyMatch(part -> part.level() >= 3));
    awaitSettled();
    assertThat(checksums(0)).isNotEmpty().isEqualTo(checksums(1)).isEqualTo(checksums(2));
    for (ShardReplica replica : cluster.running()) {
      Map<Labels, List<Long>> all = samples(replica);
      assertThat(all).hasSize(SERIES);
      all.values()
          .forEach(values -> {
            assertThat(values).hasSize((int) written);
            for (int i = 0; i < written; i++) {
              assertThat(values.get(i)).isEqualTo(i);
            }
          });
    }
    cluster.assertEqualStates();
  }

  @Test
  void oldBlocksGoEverywhereAtOnce() throws Exception {
    cluster.settings =
        new Settings(RANGE_MS, 0, 5 * RANGE_MS, Settings.UNLIMITED, Settings.RANGE_FACTOR_DEFAULT);
    start();
    writeRanges(12);
    await()
        .atMost(TestCluster.PATIENCE)
        .untilAsserted(() ->
            assertThat(samples(cluster.leader()).values())
                .allSatisfy(values -> assertThat(values.getFirst()).isPositive()));
    awaitSettled();
    List<Map<Labels, List<Long>>> answers =
        cluster.running().stream().map(BlocksClusterTest::samples).distinct().toList();
    assertThat(answers).hasSize(1);
    cluster.assertEqualStates();
  }

  @Test
  void aDeleteIsSeenByAllAndCarriedOut() throws Exception {
    start();
    writeRanges(6);
    awaitParts(2);
    CommandResult result =
        cluster
            .leader()
            .delete(
                List.of(new Matcher(Matcher.Type.EQUAL, "i", "3")), Long.MIN_VALUE, Long.MAX_VALUE)
            .get(TestCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(result).isEqualTo(new CommandResult.Done());
    writeRanges(4);
    awaitSettled();
    for (ShardReplica replica : cluster.running()) {
      Map<Labels, List<Long>> all = samples(replica);
      assertThat(all.get(labels(4))).hasSize((int) written);
      assertThat(all.get(labels(3))).hasSize((int) (4 * RANGE_MS / STEP_MS));
    }
    cluster.assertEqualStates();
  }

  @Test
  void aRestartOfAllContinuesFromSnapshotsAndBlocks() throws Exception {
    start();
    writeRanges(8);
    awaitParts(3);
    awaitSettled();
    for (int i = 0; i < 3; i++) {
      cluster.stop(i);
    }
    start();
    writeRanges(2);
    awaitSettled();
    for (ShardReplica replica : cluster.running()) {
      samples(replica).values().forEach(values -> assertThat(values).hasSize((int) written));
    }
    assertThat(checksums(0)).isEqualTo(checksums(1)).isEqualTo(checksums(2));
  }

  @AfterEach
  void close() throws Exception {
    cluster.close();
    assertThat(cluster.failures).isEmpty();
  }
}
