package io.rafttsdb.replica;

import static io.rafttsdb.replica.BlockShard.ulid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.replica.disk.SnapshotBlock;
import io.rafttsdb.replica.disk.SnapshotManifest;
import io.rafttsdb.storage.file.LocalDisk;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.ManifestPart;
import io.rafttsdb.storage.model.BlockFile;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that lags behind the log, or lacks a block, gets what it lacks from the others. */
class InstallTest {
  private static final Member LEADER = new Member("leader", "a", "127.0.0.1:1", "127.0.0.1:2");
  private static final Member OTHER = new Member("other", "b", "127.0.0.1:3", "127.0.0.1:4");
  private static final List<Member> BOTH = List.of(OTHER, LEADER);

  @TempDir Path root;
  private BlockShard leader;
  private BlockShard other;
  private FaultySource source;
  private SnapshotManifest snapshot;

  @BeforeEach
  void makeLeader() throws Exception {
    makeLeader("", 10);
  }

  private void makeLeader(String suffix, int blocks) throws Exception {
    leader = shard("leader" + suffix, blocks);
    other = shard("other" + suffix, blocks);
    snapshot = leader.snapshot();
    ServedFiles ofLeader = served(leader);
    ServedFiles ofOther = served(other);
    source =
        new FaultySource(new PeersInProcess(member -> member.equals(LEADER) ? ofLeader : ofOther));
  }

  private static ServedFiles served(BlockShard shard) {
    return new ServedFiles(shard.snapshots, shard.store, System::nanoTime);
  }

  @AfterEach
  void close() {
    leader.close();
    other.close();
  }

  /** With the same blocks as every other of this kind. */
  private BlockShard shard(String name, int blocks) throws Exception {
    BlockShard shard = BlockShard.open(root.resolve(name));
    for (int i = 0; i < blocks; i++) {
      shard.block(i);
    }
    return shard;
  }

  private PulledShard follower() throws IOException {
    return new PulledShard(root.resolve("follower"), source);
  }

  private long bytesOf(Ulid ulid) {
    return snapshot.block(ulid).orElseThrow().files().stream()
        .mapToLong(BlockFile::sizeBytes)
        .sum();
  }

  private long allBytes() {
    return snapshot.writtenBytes()
        + snapshot.blocks().stream().mapToLong(block -> bytesOf(block.ulid())).sum();
  }

  private void assertInstalled(PulledShard follower) throws IOException {
    assertSame(follower.shard);
    assertThat(follower.shard.snapshots.newest()).contains(snapshot);
    for (SnapshotBlock block : snapshot.blocks()) {
      assertThat(follower.shard.store.has(block.ulid())).isTrue();
    }
    try (BlockShard again = BlockShard.open(follower.shard.directory)) {
      assertSame(again);
    }
  }

  private void assertSame(BlockShard shard) {
    assertThat(shard.stateHash()).isEqualTo(leader.stateHash());
    assertThat(shard.samples()).isEqualTo(leader.samples());
  }

  @Test
  void aNodeThatHasNineOfTenBlocksPullsTheTenth() throws Exception {
    shard("follower", 9).close();
    try (PulledShard follower = new PulledShard(root.resolve("follower"), source)) {
      follower.install(LEADER, BOTH);
      assertThat(follower.files.pulledBytes())
          .isEqualTo(bytesOf(ulid(9)) + snapshot.writtenBytes())
          .isEqualTo(source.given());
      assertThat(follower.pull.skippedBytes())
          .isEqualTo(snapshot.blocks().stream().limit(9).mapToLong(SnapshotBlock::sizeBytes).sum());
      assertThat(follower.blocks.pulled()).isEqualTo(1);
      assertInstalled(follower);
      assertThat(root.resolve("follower/incoming")).isEmptyDirectory();
    }
  }

  @Test
  void aNodeWithoutAnythingPullsEverythingOnceHoweverOftenItDies() throws Exception {
    long piece = allBytes() / 37;
    int deaths = 0;
    while (true) {
      try (PulledShard follower = follower()) {
        source.breakAfter(piece);
        follower.install(LEADER, BOTH);
        assertInstalled(follower);
        break;
      } catch (IOException e) {
        deaths++;
      }
    }
    assertThat(deaths).isGreaterThan(20);
    assertThat(source.given()).isEqualTo(allBytes());
  }

  @Test
  void aWrongByteOnTheWayIsNoticed() throws Exception {
    source.corruptOnce("chunks/000001", 60);
    try (PulledShard follower = follower()) {
      follower.install(LEADER, BOTH);
      assertThat(follower.blocks.wrongBytes()).isEqualTo(1);
      assertThat(source.given()).isEqualTo(allBytes() + bytesOf(ulid(0)));
      assertInstalled(follower);
    }
  }

  @Test
  void aWrongByteOfTheImageIsNoticedAndTheImageComesAgain() throws Exception {
    source.corruptOnce("head", 60);
    try (PulledShard follower = follower()) {
      assertThatThrownBy(() -> follower.install(LEADER, BOTH)).hasMessageContaining("checksum");
      assertThat(follower.shard.snapshots.list()).isEmpty();
      follower.install(LEADER, BOTH);
      assertThat(source.given()).isEqualTo(allBytes() + snapshot.writtenBytes());
      assertInstalled(follower);
    }
  }

  @Test
  void aBlockThatIsDamagedOnOneNodeComesFromAnother() throws Exception {
    flip(other.store.directory().of(ulid(4)).resolve("chunks/000001"));
    flip(other.store.directory().of(ulid(5)).resolve("index"));
    try (PulledShard follower = follower()) {
      follower.install(LEADER, BOTH);
      assertThat(follower.blocks.wrongBytes()).isEqualTo(2);
      assertInstalled(follower);
    }
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

  @Test
  void aBlockOfOtherBytesIsSetAsideForTheRightOne() throws Exception {
    shard("follower", 3).close();
    flip(root.resolve("follower/blocks").resolve(ulid(1).toString()).resolve("chunks/000001"));
    try (PulledShard follower = follower()) {
      // The node has no manifest that names the block, so it has to read it.
      follower.install(LEADER, BOTH);
      assertThat(follower.blocks.pulled()).isEqualTo(8);
      assertInstalled(follower);
    }
    try (Stream<Path> aside = Files.list(root.resolve("follower/blocks/quarantine"))) {
      assertThat(aside.map(path -> String.valueOf(path.getFileName())))
          .containsExactly(ulid(1) + "-replaced");
    }
  }

  @Test
  void whatADeadNodeHadDoneIsAlwaysAStateAndGoesOn() throws Exception {
    close();
    makeLeader("-small", 3);
    try (BlockShard first = shard("first", 2)) {
      first.snapshot();
    }
    int stopped = 0;
    for (int steps = 0; ; steps++) {
      Path copy = root.resolve("copy-" + steps);
      StoppingDisk disk = new StoppingDisk(steps);
      new LocalDisk().delete(copy);
      copyTree(root.resolve("first"), copy);
      boolean finished = false;
      try (PulledShard follower = new PulledShard(copy, source, disk)) {
        follower.install(LEADER, BOTH);
        finished = true;
      } catch (StoppingDisk.Stopped e) {
        stopped++;
      }
      try (BlockShard after = BlockShard.open(copy)) {
        assertThat(after.samples().size()).isIn(20, 30);
        if (finished) {
          assertSame(after);
          assertThat(disk.isAllForced(copy.resolve("snapshots"))).isTrue();
          assertThat(disk.isAllForced(copy.resolve("blocks"))).isTrue();
        }
      }
      if (finished) {
        break;
      }
      try (PulledShard again = new PulledShard(copy, source)) {
        again.install(LEADER, BOTH);
        assertInstalled(again);
      }
      new LocalDisk().delete(copy);
    }
    assertThat(stopped).isGreaterThan(25);
  }

  private static void copyTree(Path from, Path to) throws IOException {
    try (Stream<Path> tree = Files.walk(from)) {
      for (Path path : tree.toList()) {
        Files.copy(path, to.resolve(from.relativize(path)));
      }
    }
  }

  @Test
  void aSnapshotThatEndsBeforeTheLogOrIsOfAnotherClusterIsRefused() throws Exception {
    try (PulledShard follower = follower()) {
      long beyond = snapshot.index() + 2;
      assertThatThrownBy(() -> follower.pull.pull(LEADER, BOTH, beyond, follower.shard.tsdb()))
          .hasMessageContaining("ends before the leader's log begins");
    }
  }

  @Test
  void aSingleBlockComesFromWhoeverHasIt() throws Exception {
    Ulid lost = ulid(3);
    BlockFacts facts = leader.tsdb().manifest().part(lost).map(ManifestPart::facts).orElseThrow();
    other.store.remove(lost);
    try (PulledShard follower = new PulledShard(root.resolve("follower"), source)) {
      follower.blocks.pull(lost, facts, BOTH);
      assertThat(follower.shard.store.names()).containsExactly(lost);
      assertThat(follower.blocks.wrongBytes()).isZero();
      assertThatThrownBy(() ->
              follower.blocks.pull(
                  ulid(4), new BlockFacts(facts.checksum(), facts.sizeBytes(), 1, 1, 1), BOTH))
          .isInstanceOf(IOException.class);
      assertThat(follower.shard.store.has(ulid(4))).isFalse();
      assertThatThrownBy(() -> follower.blocks.pull(ulid(77), facts, BOTH))
          .hasMessageContaining("no block");
    }
  }

  @Test
  void aSnapshotServesBlocksThatTheNodeDoesNotNeedAnyMore() throws Exception {
    leader.store.remove(ulid(2));
    other.store.remove(ulid(2));
    try (PulledShard follower = follower()) {
      follower.install(LEADER, BOTH);
      assertThat(follower.shard.samples()).hasSize(100);
    }
  }

  @Test
  void nothingIsServedThatIsNotOnAList() throws Exception {
    ServedFiles served = served(leader);
    String name = snapshot.name();
    try (var file = served.openSnapshotFile(name, "head").orElseThrow()) {
      assertThat(file.size()).isEqualTo(snapshot.writtenBytes());
    }
    for (String path :
        List.of(
            "manifest",
            "../" + name + "/head",
            "./head",
            "",
            "/etc/passwd",
            "blocks/" + ulid(0) + "/index",
            "head/")) {
      assertThat(served.openSnapshotFile(name, path)).as(path).isEmpty();
    }
    for (String other : List.of("..", "../snapshots/" + name, "", name + ".tmp", "1_1")) {
      assertThat(served.openSnapshotFile(other, "head")).as(other).isEmpty();
    }
    for (String file : List.of("tombstones", "../" + ulid(0) + "/index", "chunks/../index", "")) {
      assertThat(served.openBlockFile(ulid(0), file)).as(file).isEmpty();
    }
    assertThat(served.openBlockFile(ulid(99), "index")).isEmpty();
  }
}
