package io.rafttsdb.replica;

import static io.rafttsdb.replica.TestCluster.batch;
import static io.rafttsdb.replica.TestCluster.samples;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.rafttsdb.replica.disk.DamagedLog;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotTest {
  @TempDir Path root;
  private TestCluster cluster;
  private int written;

  /** Snapshots every few entries, segments of a dozen. */
  static ReplicaLimits smallLimits() {
    return new ReplicaLimits(
        ReplicaLimits.DEFAULT.electionMin(),
        ReplicaLimits.DEFAULT.electionMax(),
        600,
        Duration.ofDays(1),
        Duration.ofMillis(50),
        1L << 30,
        1 << 20,
        1200,
        1,
        Duration.ofDays(1));
  }

  @BeforeEach
  void makeCluster() throws Exception {
    cluster = new TestCluster(root, 1);
    cluster.limits = smallLimits();
  }

  private void write(int count) {
    for (int end = written + count; written < end; written++) {
      cluster.write(batch("a", written, written));
    }
  }

  private List<Path> snapshots() throws IOException {
    return sorted(cluster.directory(0).resolve("snapshots"), "");
  }

  private List<Path> segments() throws IOException {
    return sorted(cluster.log(0), "log_");
  }

  private static List<Path> sorted(Path directory, String prefix) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(prefix))
          .filter(file -> !file.getFileName().toString().contains("."))
          .sorted(Comparator.comparingLong(SnapshotTest::lastNumber))
          .toList();
    }
  }

  private static long lastNumber(Path file) {
    String[] parts = file.getFileName().toString().split("[_-]", -1);
    return Long.parseLong(parts[parts.length - 1]);
  }

  private long firstIndexOfLog() throws IOException {
    return Long.parseLong(
        segments()
            .getFirst()
            .getFileName()
            .toString()
            .replaceAll("log_(?:inprogress_)?(\\d+).*", "$1"));
  }

  @Test
  void logVolumeTriggersThemAndTheLogGoesUpToTheOlderOne() throws Exception {
    cluster.startAll();
    await()
        .atMost(TestCluster.PATIENCE)
        .until(() -> {
          write(10);
          return firstIndexOfLog() > 20;
        });
    assertThat(snapshots()).hasSize(2);
    assertThat(firstIndexOfLog()).isLessThanOrEqualTo(lastNumber(snapshots().getFirst()) + 1);
    cluster.stop(0);
    long last = lastNumber(snapshots().getLast());

    ShardReplica replica = cluster.start(0);
    assertThat(replica.storage().publishedIndex()).isEqualTo(last);
    replica.awaitReadable(TestCluster.PATIENCE);
    assertThat(samples(replica)).isEqualTo(written);
    cluster.close();
    assertThat(cluster.failures).isEmpty();
  }

  @Test
  void aDamagedNewestOneIsSetAsideAndTheOlderOneServes() throws Exception {
    makeTwoSnapshots();
    Path newest = snapshots().getLast();
    flip(newest.resolve("head"));

    ShardReplica replica = cluster.start(0);
    replica.awaitReadable(TestCluster.PATIENCE);
    assertThat(samples(replica)).isEqualTo(written);
    assertThat(root.resolve(newest + ".damaged")).exists();
    write(5);
    cluster.close();
    assertThat(cluster.failures).isEmpty();
  }

  @Test
  void withoutAUsableOneAShortenedLogIsRefused() throws Exception {
    makeTwoSnapshots();
    for (Path snapshot : snapshots()) {
      flip(snapshot.resolve("manifest"));
    }
    assertThatThrownBy(() -> cluster.start(0))
        .isInstanceOf(DamagedLog.class)
        .hasMessageContaining("begins only at index");
  }

  @Test
  void whatAnInterruptedPurgeLeftOverGoes() throws Exception {
    cluster.limits = cluster.limits.withSnapshots(1L << 40, Duration.ofDays(1));
    cluster.startAll();
    write(60);
    cluster.stop(0);
    List<Path> segments = segments();
    assertThat(segments).hasSizeGreaterThan(3);
    Files.delete(segments.get(1)); // Ratis deletes the newest of the purged ones first

    ShardReplica replica = cluster.start(0);
    assertThat(replica.repairs())
        .singleElement()
        .satisfies(r -> assertThat(r.file()).isEqualTo(segments.getFirst()));
    replica.awaitReadable(TestCluster.PATIENCE);
    assertThat(samples(replica)).isEqualTo(written);
    cluster.close();
    assertThat(cluster.failures).isEmpty();
  }

  @Test
  void timeTriggersThemToo() throws Exception {
    cluster.limits = cluster.limits.withSnapshots(1L << 40, Duration.ofMillis(500));
    cluster.startAll();
    write(1);
    await().atMost(TestCluster.PATIENCE).until(() -> !snapshots().isEmpty());
    cluster.close();
  }

  private void makeTwoSnapshots() throws Exception {
    cluster.startAll();
    await()
        .atMost(TestCluster.PATIENCE)
        .until(() -> {
          write(10);
          return firstIndexOfLog() > 0;
        });
    cluster.stop(0);
    assertThat(snapshots()).hasSize(2);
  }

  private static void flip(Path path) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      long middle = file.length() / 2;
      file.seek(middle);
      int old = file.read();
      file.seek(middle);
      file.write(old ^ 1);
    }
  }
}
