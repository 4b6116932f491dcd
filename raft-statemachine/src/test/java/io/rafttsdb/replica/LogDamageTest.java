package io.rafttsdb.replica;

import static io.rafttsdb.replica.TestCluster.batch;
import static io.rafttsdb.replica.TestCluster.samples;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.replica.disk.CommitMark;
import io.rafttsdb.replica.disk.DamagedLog;
import io.rafttsdb.replica.disk.LossNotAccepted;
import io.rafttsdb.storage.model.AppendResult;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A log as a crash or a bad disk may leave it: the files of a running node are copied, damaged, and
 * a real node is started on them. Every segment holds a few entries; the entry of index i + 2 holds
 * sample i.
 */
class LogDamageTest {
  private static final int WRITES = 40;
  private static final int FIRST_WRITE = 2; // after Ratis's configuration and the settings
  private static final int LAST_INDEX = FIRST_WRITE + WRITES - 1;

  @TempDir static Path root;
  private static TestCluster cluster;
  private static Path crashed;
  private static long term;
  private static int copies;

  /** A record in the open segment: its first byte and one past its last. */
  private record Place(long start, long end) {}

  @BeforeAll
  static void writeLog() throws Exception {
    cluster = new TestCluster(root.resolve("live"), 1);
    cluster.limits =
        new ReplicaLimits(
            ReplicaLimits.DEFAULT.electionMin(),
            ReplicaLimits.DEFAULT.electionMax(),
            1L << 40,
            Duration.ofDays(1),
            Duration.ofMinutes(1),
            1L << 30,
            1 << 20,
            1200,
            1,
            Duration.ofDays(1));
    cluster.startAll();
    for (int i = 0; i < WRITES; i++) {
      cluster.write(batch("a", i, i));
    }
    assertThat(cluster.replica(0).status().appliedIndex()).isEqualTo(LAST_INDEX);
    term = cluster.replica(0).status().term();
    crashed = root.resolve("crashed");
    copy(cluster.directory(0), crashed);
    cluster.close();
  }

  @AfterAll
  static void nothingFailed() throws Exception {
    cluster.close();
    assertThat(cluster.failures).isEmpty();
  }

  @Test
  void aCleanCopyOfTheFilesStartsWithoutRepair() throws Exception {
    Path node = node(LAST_INDEX);
    assertThat(segments(node)).hasSizeGreaterThan(2);
    assertStarts(node, WRITES, 0);
  }

  @Test
  void zerosInThePreallocatedTailAreNoDamage() throws Exception {
    Path node = node(LAST_INDEX);
    try (RandomAccessFile file = open(node)) {
      file.setLength(file.length() + 100_000);
    }
    assertStarts(node, WRITES, 0);
  }

  @Test
  void aLastRecordHalfZeroIsCut() throws Exception {
    Path node = node(LAST_INDEX - 2);
    Place last = places(node).getLast();
    try (RandomAccessFile file = open(node)) {
      long half = (last.start() + last.end()) / 2;
      file.seek(half);
      file.write(new byte[(int) (last.end() - half)]);
      file.setLength(file.length() + 4096);
    }
    assertStarts(node, WRITES - 1, 1);
  }

  @Test
  void aHoleBeforeValidRecordsIsCutWithThem() throws Exception {
    Path node = node(LAST_INDEX - 3);
    List<Place> places = places(node);
    Place third = places.get(places.size() - 3);
    try (RandomAccessFile file = open(node)) {
      file.seek(third.start());
      file.write(new byte[(int) (third.end() - third.start())]);
    }
    assertStarts(node, WRITES - 3, 1);
  }

  @Test
  void randomBytesAfterTheTailAreCut() throws Exception {
    Path node = node(LAST_INDEX);
    byte[] noise = new byte[3000];
    new SplittableRandom(7).nextBytes(noise);
    noise[0] = 5;
    try (RandomAccessFile file = open(node)) {
      file.seek(places(node).getLast().end());
      file.write(noise);
    }
    assertStarts(node, WRITES, 1);
  }

  @Test
  void aFileCutWithinARecordAboveTheMarkIsCutBeforeIt() throws Exception {
    Path node = node(LAST_INDEX - 1);
    try (RandomAccessFile file = open(node)) {
      file.setLength(places(node).getLast().end() - 1);
    }
    assertStarts(node, WRITES - 1, 1);
  }

  @Test
  void anOpenSegmentWithoutSoundRecordsGoes() throws Exception {
    Path node = node(firstOfOpenSegment(crashed) - 1);
    int lost = places(node).size();
    try (RandomAccessFile file = open(node)) {
      file.seek(0);
      file.write(new byte[(int) file.length()]);
    }
    assertStarts(node, WRITES - lost, 1);
  }

  @Test
  void aFileCutWithinARecordBelowTheMarkIsRefused() throws Exception {
    Path node = node(LAST_INDEX);
    Place last = places(node).getLast();
    try (RandomAccessFile file = open(node)) {
      file.setLength(last.end() - 1);
    }
    assertRefused(node, openSegment(node), last.start(), LAST_INDEX);
  }

  @Test
  void aFileCutBetweenRecordsBelowTheMarkIsRefused() throws Exception {
    Path node = node(LAST_INDEX);
    try (RandomAccessFile file = open(node)) {
      file.setLength(places(node).getLast().start());
    }
    assertThatThrownBy(() -> cluster.start(0))
        .isInstanceOf(DamagedLog.class)
        .hasMessageContaining("the log ends at index " + (LAST_INDEX - 1));
  }

  @Test
  void aFlippedByteBelowTheMarkIsRefused() throws Exception {
    Path node = node(LAST_INDEX);
    Place last = places(node).getLast();
    flip(openSegment(node), last.start() + 20);
    assertRefused(node, openSegment(node), last.start(), LAST_INDEX);
  }

  @Test
  void aFlippedByteInAClosedSegmentIsRefusedWhateverTheMark() throws Exception {
    Path node = node(0);
    Path closed = segments(node).get(1);
    flip(closed, Files.size(closed) / 2);
    assertThatThrownBy(() -> cluster.start(0))
        .isInstanceOfSatisfying(
            DamagedLog.class, damage -> assertThat(damage.file()).isEqualTo(closed));
  }

  @Test
  void aMissingSegmentIsRefused() throws Exception {
    Path node = node(LAST_INDEX);
    Files.delete(segments(node).get(1));
    assertThatThrownBy(() -> cluster.start(0))
        .isInstanceOf(DamagedLog.class)
        .hasMessageContaining("does not follow index");
  }

  @Test
  void aMissingFirstSegmentIsRefused() throws Exception {
    Path node = node(LAST_INDEX);
    Files.delete(segments(node).getFirst());
    assertThatThrownBy(() -> cluster.start(0))
        .isInstanceOf(DamagedLog.class)
        .hasMessageContaining("begins only at index");
  }

  @Test
  void aMissingOpenSegmentIsRefused() throws Exception {
    Path node = node(LAST_INDEX);
    Files.delete(openSegment(node));
    assertThatThrownBy(() -> cluster.start(0))
        .isInstanceOf(DamagedLog.class)
        .hasMessageContaining("the log ends at index");
  }

  @Test
  void aMissingMarkIsRefused() throws Exception {
    Path node = node(LAST_INDEX);
    Files.delete(node.resolve("commit-mark"));
    assertThatThrownBy(() -> cluster.start(0))
        .isInstanceOf(DamagedLog.class)
        .hasMessageContaining("no commit mark");
  }

  @Test
  void aDamagedMarkIsRefused() throws Exception {
    Path node = node(LAST_INDEX);
    flip(node.resolve("commit-mark"), 20);
    assertThatThrownBy(() -> cluster.start(0)).isInstanceOf(DamagedLog.class);
  }

  @Test
  void aForgottenVoteIsRefused() throws Exception {
    Path node = node(LAST_INDEX);
    Files.delete(log(node).resolve("raft-meta"));
    assertThatThrownBy(() -> cluster.start(0))
        .isInstanceOf(DamagedLog.class)
        .hasMessageContaining("term and vote");
  }

  @Test
  void aLostLogIsRefused() throws Exception {
    Path node = node(LAST_INDEX);
    try (Stream<Path> files = Files.list(log(node))) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    assertThatThrownBy(() -> cluster.start(0)).isInstanceOf(DamagedLog.class);
  }

  // ---- repair --accept-loss

  @Test
  void aDamagedOpenSegmentIsCutAndKeptAside() throws Exception {
    Path node = node(LAST_INDEX);
    Place bad = places(node).get(places(node).size() - 2);
    flip(openSegment(node), bad.start() + 20);
    byte[] damaged = Files.readAllBytes(openSegment(node));
    String name = openSegment(node).getFileName().toString();

    DamagedTail shown = repair(node, false);
    assertThat(shown.text()).contains("index " + (LAST_INDEX - 1) + ": the record's checksum");
    assertThat(shown.keptIndex()).isEqualTo(LAST_INDEX - 2);
    assertThat(openSegment(node)).hasBinaryContent(damaged);
    assertThat(shown.aside()).doesNotExist();
    assertThatThrownBy(() -> cluster.start(0)).isInstanceOf(DamagedLog.class);

    assertThat(repair(node, true)).isEqualTo(shown);
    assertThat(shown.aside().resolve(name)).hasBinaryContent(damaged);
    assertThat(DamagedTail.repair(node, cluster.clusterId, true)).isEmpty();
    assertStarts(node, WRITES - 2, 0);
  }

  @Test
  void aDamagedClosedSegmentIsCutAndThoseAfterItGoAside() throws Exception {
    Path node = node(LAST_INDEX);
    Path closed = segments(node).get(1);
    int after = segments(node).size() - 2;
    flip(closed, Files.size(closed) - 10);
    DamagedTail cut = repair(node, true);
    assertThat(cut.keptIndex()).isBetween(firstIndex(closed), LAST_INDEX - 1L);
    try (Stream<Path> aside = Files.list(cut.aside())) {
      assertThat(aside).hasSize(after + 1);
    }
    assertStarts(node, (int) cut.keptIndex() - FIRST_WRITE + 1, 0);
  }

  @Test
  void aLogWithAMissingSegmentEndsBeforeIt() throws Exception {
    Path node = node(LAST_INDEX);
    Path missing = segments(node).get(2);
    Files.delete(missing);
    DamagedTail cut = repair(node, true);
    assertThat(cut.keptIndex()).isEqualTo(firstIndex(missing) - 1);
    assertStarts(node, (int) cut.keptIndex() - FIRST_WRITE + 1, 0);
  }

  @Test
  void aLostMarkIsMadeAnew() throws Exception {
    Path node = node(LAST_INDEX);
    Files.delete(node.resolve("commit-mark"));
    assertThat(repair(node, true).keptIndex()).isEqualTo(LAST_INDEX);
    assertStarts(node, WRITES, 0);
  }

  @Test
  void aForgottenVoteIsNotRepaired() throws Exception {
    Path node = node(LAST_INDEX);
    flip(openSegment(node), places(node).getLast().start() + 20);
    Files.delete(log(node).resolve("raft-meta"));
    assertThatThrownBy(() -> repair(node, true))
        .isInstanceOf(LossNotAccepted.class)
        .hasMessageContaining("term and vote");
  }

  @Test
  void aTornTailAndASoundLogNeedNoRepair() throws Exception {
    assertThat(DamagedTail.repair(node(LAST_INDEX), cluster.clusterId, true)).isEmpty();
    Path torn = node(LAST_INDEX - 1);
    flip(openSegment(torn), places(torn).getLast().start() + 20);
    assertThat(DamagedTail.repair(torn, cluster.clusterId, true)).isEmpty();
    assertStarts(torn, WRITES - 1, 1);
  }

  private static DamagedTail repair(Path node, boolean acceptLoss) throws Exception {
    return DamagedTail.repair(node, cluster.clusterId, acceptLoss).orElseThrow();
  }

  // ---- starting

  /** Starts a node on the files, and finds the first samples, and writes another one. */
  private static void assertStarts(Path node, int samples, int repairs) throws Exception {
    ShardReplica replica = cluster.start(0);
    try {
      assertThat(replica.repairs()).hasSize(repairs);
      replica.awaitReadable(TestCluster.PATIENCE);
      assertThat(samples(replica)).isEqualTo(samples);
      assertThat(cluster.write(batch("a", WRITES + 5, 1)))
          .isEqualTo(new AppendResult.Judged(1, 0, 0, List.of()));
    } finally {
      cluster.stop(0);
    }
    cluster.start(0).awaitReadable(TestCluster.PATIENCE);
    assertThat(samples(cluster.replica(0))).isEqualTo(samples + 1);
    cluster.stop(0);
    assertThat(node).exists();
  }

  private static void assertRefused(Path node, Path file, long offset, long index)
      throws IOException {
    long size = Files.size(file);
    assertThatThrownBy(() -> cluster.start(0))
        .isInstanceOfSatisfying(
            DamagedLog.class,
            damage -> {
              assertThat(damage.file()).isEqualTo(file);
              assertThat(damage.offset()).isEqualTo(offset);
              assertThat(damage.index()).isEqualTo(index);
              assertThat(damage.mark()).isEqualTo(LAST_INDEX);
            })
        .hasMessageContaining("let it join anew");
    assertThat(file).hasSize(size);
    assertThat(node).exists();
  }

  // ---- files

  /** A fresh copy of the crashed node's files with a mark of our choice, where node 0 lives. */
  private static Path node(long mark) throws IOException {
    Path node = cluster.directory(0);
    if (Files.exists(node)) {
      Files.move(node, root.resolve("used" + copies++));
    }
    copy(crashed, node);
    new CommitMark(term, mark).write(node);
    return node;
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> tree = Files.walk(from)) {
      for (Path path : tree.toList()) {
        Path target = to.resolve(from.relativize(path).toString());
        if (Files.isDirectory(path)) {
          Files.createDirectories(target);
        } else {
          Files.copy(path, target);
        }
      }
    }
  }

  private static Path log(Path node) {
    return node.resolve("raft").resolve(cluster.clusterId.toString()).resolve("current");
  }

  /** Closed ones in order, then the open one. */
  private static List<Path> segments(Path node) throws IOException {
    try (Stream<Path> files = Files.list(log(node))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("log_"))
          .sorted(java.util.Comparator.comparingLong(LogDamageTest::firstIndex))
          .toList();
    }
  }

  private static long firstIndex(Path segment) {
    String name = segment.getFileName().toString().replace("log_inprogress_", "log_");
    return Long.parseLong(name.substring(4).split("-", 2)[0]);
  }

  private static Path openSegment(Path node) throws IOException {
    return segments(node).getLast();
  }

  private static long firstOfOpenSegment(Path node) throws IOException {
    return firstIndex(openSegment(node));
  }

  private static RandomAccessFile open(Path node) throws IOException {
    return new RandomAccessFile(openSegment(node).toFile(), "rw");
  }

  private static List<Place> places(Path node) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(openSegment(node)));
    List<Place> places = new ArrayList<>();
    bytes.position(8);
    while (bytes.hasRemaining() && bytes.get(bytes.position()) != 0) {
      int start = bytes.position();
      int length = 0;
      for (int shift = 0, b = -1; b < 0; shift += 7) {
        b = bytes.get();
        length |= (b & 0x7f) << shift;
      }
      bytes.position(bytes.position() + length + 4);
      places.add(new Place(start, bytes.position()));
    }
    assertThat(places.size()).isGreaterThan(3);
    return places;
  }

  private static void flip(Path path, long offset) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.seek(offset);
      int old = file.read();
      file.seek(offset);
      file.write(old ^ 0x10);
    }
  }
}
