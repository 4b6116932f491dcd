package io.rafttsdb.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rafttsdb.storage.file.LocalDisk;
import io.rafttsdb.storage.manifest.ManifestPart;
import io.rafttsdb.storage.model.Capture;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.Selection;
import io.rafttsdb.storage.model.SeriesView;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * A replica that missed more than the log has comes back, and gets the blocks that it lacks. With
 * {@code -Drafttsdb.installs=all} also one that lost everything, and one that has only its blocks.
 */
class BlocksInstallTest {
  private static final long RANGE_MS = 60_000;
  private static final long START_MS = TestCluster.START_MS / RANGE_MS * RANGE_MS;
  private static final long STEP_MS = 10_000;

  @TempDir private Path root;
  private TestCluster cluster;
  private int behind;
  private long written;

  /** No compaction: a block may be as long as a tenth of the retention, which is one range. */
  @BeforeEach
  void start() throws Exception {
    cluster = new TestCluster(root, 3);
    cluster.settings =
        new Settings(RANGE_MS, 0, 19 * RANGE_MS, Settings.UNLIMITED, Settings.RANGE_FACTOR_DEFAULT);
    cluster.limits = SnapshotTest.smallLimits();
    cluster.startAll().awaitReady();
    writeRanges(5);
    awaitBlocks(3);
    behind = (cluster.leaderIndex() + 1) % 3;
  }

  @AfterEach
  void close() throws Exception {
    cluster.close();
    assertThat(cluster.failures).isEmpty();
  }

  private void writeRanges(int ranges) {
    for (long end = written + ranges * RANGE_MS / STEP_MS; written < end; written++) {
      SampleBatch.Builder batch = new SampleBatch.Builder();
      for (int i = 0; i < 5; i++) {
        batch.series(Labels.of("__name__", "m", "i", String.valueOf(i)));
        batch.sample(START_MS + written * STEP_MS, written);
      }
      cluster.write(batch.build());
    }
  }

  private static List<ManifestPart> parts(ShardReplica replica) {
    return replica.storage().manifest().parts();
  }

  private static Set<Ulid> names(ShardReplica replica) {
    Set<Ulid> names = new HashSet<>();
    parts(replica).forEach(part -> names.add(part.ulid()));
    return names;
  }

  private static long metric(ShardReplica replica, String name) {
    return (long)
        replica.metrics().stream()
            .filter(metric -> metric.name().equals(name))
            .findFirst()
            .orElseThrow()
            .value()
            .getAsDouble();
  }

  /** Until there are so many blocks, certified and on every running node. */
  private void awaitBlocks(int atLeast) {
    await()
        .atMost(TestCluster.PATIENCE)
        .untilAsserted(() -> {
          for (ShardReplica replica : cluster.running()) {
            assertThat(parts(replica)).hasSizeGreaterThanOrEqualTo(atLeast);
            assertThat(metric(replica, "blocks_pending")).isZero();
            assertThat(metric(replica, "blocks_present")).isEqualTo(metric(replica, "blocks"));
          }
        });
  }

  /**
   * Entries that change nothing below the Head, until the log begins after what was missed, and
   * snapshots have all blocks that there are now.
   */
  private void writeUntilTheLogBeginsAfter(long index) {
    int[] repeats = new int[1];
    long now = cluster.leader().status().commitIndex();
    await()
        .atMost(TestCluster.PATIENCE)
        .until(() -> {
          for (int i = 0; i < 20; i++, repeats[0]++) {
            cluster.write(
                new SampleBatch.Builder()
                    .series(Labels.of("__name__", "other", "i", String.valueOf(repeats[0])))
                    .sample(START_MS + (written - 1) * STEP_MS, 0)
                    .build());
          }
          return cluster.running().stream()
              .allMatch(r ->
                  r.status().snapshotIndex() > now
                      && r.gate().division().getRaftLog().getStartIndex() > index + 1);
        });
  }

  private void assertSame(ShardReplica back) throws Exception {
    back.awaitReadable(TestCluster.PATIENCE);
    awaitBlocks(parts(cluster.leader()).size());
    cluster.assertEqualStates();
    Selection all = new Selection(List.of(), Long.MIN_VALUE, Long.MAX_VALUE);
    try (Capture capture = back.storage().select(List.of(all), 10_000)) {
      for (SeriesView series : capture.series().getFirst()) {
        if ("m".equals(series.labels().get("__name__"))) {
          List<Long> values = new ArrayList<>();
          for (SampleCursor cursor = series.samples(); cursor.next(); ) {
            values.add(cursor.valueBits());
          }
          assertThat(values).hasSize((int) written);
        }
      }
    }
  }

  @Test
  void aNodeThatWasAwayPullsOnlyWhatIsNew() throws Exception {
    Set<Ulid> had = names(cluster.replica(behind));
    long index = cluster.replica(behind).status().appliedIndex();
    cluster.stop(behind);
    writeRanges(4);
    awaitBlocks(had.size() + 3);
    writeUntilTheLogBeginsAfter(index);

    ShardReplica back = cluster.start(behind);
    assertSame(back);
    assertThat(metric(back, "snapshots_installed_total")).isEqualTo(1);
    Set<Ulid> fresh = names(back);
    fresh.removeAll(had);
    assertThat(metric(back, "blocks_pulled_total")).isEqualTo(fresh.size());
    long hadBytes =
        parts(back).stream()
            .filter(part -> had.contains(part.ulid()))
            .map(ManifestPart::facts)
            .mapToLong(facts -> Objects.requireNonNull(facts).sizeBytes())
            .sum();
    assertThat(metric(back, "snapshot_install_skipped_bytes_total")).isEqualTo(hadBytes);

    cluster.stop(behind); // what was received outlives a restart
    assertSame(cluster.start(behind));
  }

  @Test
  @EnabledIfSystemProperty(named = "rafttsdb.installs", matches = "all")
  void aNodeWithoutAnythingJoinsTheSameWay() throws Exception {
    long index = cluster.replica(behind).status().appliedIndex();
    cluster.stop(behind);
    new LocalDisk().delete(cluster.directory(behind));
    writeUntilTheLogBeginsAfter(index);

    ShardReplica back = cluster.start(behind);
    assertSame(back);
    assertThat(metric(back, "blocks_pulled_total")).isEqualTo(parts(back).size());
    assertThat(metric(back, "snapshot_install_skipped_bytes_total")).isZero();
  }

  @Test
  @EnabledIfSystemProperty(named = "rafttsdb.installs", matches = "all")
  void aNodeThatLostItsLogButNotItsBlocksReadsThemAndPullsNone() throws Exception {
    long index = cluster.replica(behind).status().appliedIndex();
    cluster.stop(behind);
    for (String lost : List.of("raft", "snapshots", "commit-mark")) {
      new LocalDisk().delete(cluster.directory(behind).resolve(lost));
    }
    writeUntilTheLogBeginsAfter(index);

    ShardReplica back = cluster.start(behind);
    assertSame(back);
    assertThat(metric(back, "snapshots_installed_total")).isEqualTo(1);
    assertThat(metric(back, "blocks_pulled_total")).isZero();
    assertThat(metric(back, "snapshot_install_skipped_bytes_total")).isPositive();
  }

  @Test
  void aDamagedBlockComesFromAnotherNodeAndSnapshotsGoOn() throws Exception {
    ManifestPart part = parts(cluster.replica(behind)).getFirst();
    cluster.stop(behind);
    Path index =
        cluster
            .directory(behind)
            .resolve("blocks")
            .resolve(part.ulid().toString())
            .resolve("index");
    SnapshotStartTest.flip(index, 2);

    ShardReplica back = cluster.start(behind);
    assertSame(back);
    assertThat(metric(back, "blocks_pulled_total")).isEqualTo(1);
    long taken = metric(back, "snapshots_taken_total");
    await()
        .atMost(TestCluster.PATIENCE)
        .until(() -> {
          writeUntilTheLogBeginsAfter(-2);
          return metric(back, "snapshots_taken_total") > taken;
        });
  }
}
