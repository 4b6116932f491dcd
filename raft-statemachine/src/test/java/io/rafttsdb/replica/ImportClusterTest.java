package io.rafttsdb.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.rafttsdb.command.CommandResult;
import io.rafttsdb.replica.BlockImports.Rewritten;
import io.rafttsdb.replica.backup.BackupBlock;
import io.rafttsdb.replica.backup.ShardBackup;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.model.Capture;
import io.rafttsdb.storage.model.Matcher;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.Selection;
import io.rafttsdb.storage.model.SeriesView;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Blocks of another shard come into three replicas, and a state of these goes out. */
class ImportClusterTest {
  private static final int BLOCKS = 3;
  private static final long END_MS =
      TestCluster.START_MS / BlockShard.RANGE_MS * BlockShard.RANGE_MS
          + BLOCKS * BlockShard.RANGE_MS;

  @TempDir private Path root;
  private Path foreign;
  private TestCluster cluster;

  @BeforeEach
  void start() throws Exception {
    try (BlockShard shard = BlockShard.open(root.resolve("foreign"))) {
      for (int i = 0; i < BLOCKS; i++) {
        Ulid _ = shard.block(i);
      }
    }
    foreign = root.resolve("foreign").resolve("blocks");
    cluster = new TestCluster(root.resolve("cluster"), 3);
    cluster.startAll().awaitReady();
  }

  @AfterEach
  void close() throws IOException {
    cluster.close();
    assertThat(cluster.failures).isEmpty();
  }

  private Path foreignBlock(int number) {
    return foreign.resolve(BlockShard.ulid(number).toString());
  }

  private static CommandResult result(CompletableFuture<CommandResult> future)
      throws InterruptedException, ExecutionException, TimeoutException {
    return future.get(TestCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private void restore() throws Exception {
    assertThat(result(cluster.leader().restore(END_MS, END_MS - 1)))
        .isEqualTo(new CommandResult.Done());
    await()
        .atMost(TestCluster.PATIENCE)
        .until(
            () -> cluster.running().stream().allMatch(r -> r.storage().sealedUpToMs() == END_MS));
  }

  private BackupBlock rewritten(ShardReplica replica, int number) throws Exception {
    return rewrite(replica, foreignBlock(number)) instanceof Rewritten.Staged(var block)
        ? block
        : fail();
  }

  private static Rewritten rewrite(ShardReplica replica, Path block) throws Exception {
    try (ForeignBlock opened = ForeignBlock.open(block, 1)) {
      return replica.imports().rewrite(opened);
    }
  }

  private static BackupBlock fail() {
    throw new AssertionError("expected a block that was written anew");
  }

  private static long samples(ShardReplica replica) {
    Matcher all = new Matcher(Matcher.Type.EQUAL, "__name__", "a");
    Selection selection = new Selection(List.of(all), Long.MIN_VALUE, Long.MAX_VALUE);
    long count = 0;
    try (Capture capture = replica.storage().select(List.of(selection), 10)) {
      for (SeriesView series : capture.series().getFirst()) {
        for (SampleCursor cursor = series.samples(); cursor.next(); ) {
          count++;
        }
      }
    }
    return count;
  }

  @Test
  void aBlockThatAMajorityHasIsEnteredAndTheThirdGetsIt() throws Exception {
    int asked = (cluster.leaderIndex() + 1) % 3;
    int other = (asked + 1) % 3;
    ShardReplica here = cluster.replica(asked);
    assertThat(rewrite(here, foreignBlock(0)))
        .isInstanceOfSatisfying(
            Rewritten.Refused.class, refused -> assertThat(refused.reason()).contains("cut"));
    restore();
    BackupBlock block = rewritten(here, 0);
    cluster.replica(other).imports().stage(block.ulid(), block.facts(), here.self());
    cluster.replica(other).imports().stage(block.ulid(), block.facts(), here.self()); // again
    assertThat(cluster.replica(other).hasBlock(block.ulid())).isTrue();
    assertThat(samples(here)).isZero();
    assertThat(result(cluster.leader().importBlock(block))).isEqualTo(new CommandResult.Done());
    await()
        .atMost(TestCluster.PATIENCE)
        .untilAsserted(() ->
            assertThat(cluster.running())
                .allSatisfy(each -> {
                  assertThat(each.hasBlock(block.ulid())).isTrue();
                  assertThat(samples(each)).isEqualTo(10);
                }));
    assertThat(result(cluster.leader().importBlock(block))).isEqualTo(new CommandResult.Done());
    assertThat(rewrite(here, foreignBlock(0))).isEqualTo(new Rewritten.Known());
    BlockFacts wrong = new BlockFacts(block.facts().checksum(), 1, 1, 1, 1);
    assertThat(
            result(
                cluster
                    .leader()
                    .importBlock(
                        new BackupBlock(block.ulid(), block.minMs(), block.endMs(), wrong))))
        .isInstanceOf(CommandResult.Refused.class);
    assertThatThrownBy(() -> here.imports().stage(block.ulid(), wrong, here.self()))
        .isInstanceOf(IOException.class);
    cluster.assertEqualStates();
  }

  @Test
  void whatIsGivenUpIsSweptAndTheRestStays() throws Exception {
    restore();
    ShardReplica here = cluster.leader();
    BackupBlock kept = rewritten(here, 0);
    BackupBlock givenUp = rewritten(here, 1);
    assertThat(here.hasBlock(givenUp.ulid())).isTrue();
    here.imports().release(givenUp.ulid());
    await().atMost(TestCluster.PATIENCE).until(() -> !here.hasBlock(givenUp.ulid()));
    assertThat(here.hasBlock(kept.ulid())).isTrue();
    assertThat(rewritten(here, 1)).isEqualTo(givenUp); // the same bytes again
  }

  @Test
  void aNodeThatLostWhatItHadStagedGetsItAgain() throws Exception {
    restore();
    int lost = (cluster.leaderIndex() + 1) % 3;
    int other = 3 - lost - cluster.leaderIndex();
    BackupBlock block = rewritten(cluster.replica(lost), 2);
    cluster.leader().imports().stage(block.ulid(), block.facts(), cluster.members.get(lost));
    cluster.replica(other).imports().stage(block.ulid(), block.facts(), cluster.members.get(lost));
    cluster.stop(lost);
    cluster.start(lost);
    await()
        .atMost(TestCluster.PATIENCE)
        .until(() -> !cluster.replica(lost).hasBlock(block.ulid())); // nobody's
    assertThat(result(cluster.leader().importBlock(block))).isEqualTo(new CommandResult.Done());
    await()
        .atMost(TestCluster.PATIENCE)
        .until(() ->
            cluster.replica(lost).hasBlock(block.ulid()) && samples(cluster.replica(lost)) == 10);
  }

  @Test
  void aDamagedForeignBlockIsRefusedAndLeavesNothing() throws Exception {
    restore();
    Path chunks = foreignBlock(0).resolve("chunks").resolve("000001");
    byte[] bytes = Files.readAllBytes(chunks);
    bytes[bytes.length / 2] ^= 1;
    Files.write(chunks, bytes);
    ShardReplica here = cluster.leader();
    assertThatThrownBy(() -> rewrite(here, foreignBlock(0))).isInstanceOf(IOException.class);
    assertThat(here.hasBlock(BlockShard.ulid(0))).isFalse();
    assertThatThrownBy(() -> rewrite(here, foreign)).isInstanceOf(IOException.class);
  }

  @Test
  void aTicketGetsTheStateAfterItsEntryOnceItIsApplied() throws Exception {
    cluster.write(TestCluster.batch("a", 0, 1));
    ShardReplica follower = cluster.replica((cluster.leaderIndex() + 1) % 3);
    try (FreezeTicket ticket = follower.announceFreeze()) {
      assertThatThrownBy(follower::announceFreeze).isInstanceOf(IllegalStateException.class);
      assertThat(result(cluster.leader().freeze(new Ulid(1, 1)))) // another's
          .isEqualTo(new CommandResult.Done());
      assertThatThrownBy(() -> ticket.await(Duration.ofMillis(10)))
          .isInstanceOf(TimeoutException.class);
      assertThat(result(cluster.leader().freeze(ticket.name())))
          .isEqualTo(new CommandResult.Done());
      FrozenShard frozen = ticket.await(TestCluster.PATIENCE);
      cluster.write(TestCluster.batch("a", 1, 2)); // not in it
      Path directory = Files.createDirectory(root.resolve("backup"));
      ShardBackup backup = frozen.write(directory, Optional.of(new Ulid(2, 2)));
      assertThat(backup.blocks()).singleElement().matches(b -> b.facts().samples() == 1);
      assertThat(backup.upToMs()).isEqualTo(TestCluster.START_MS + 1);
      assertThat(backup.index()).isEqualTo(frozen.index());
    }
    try (FreezeTicket again = follower.announceFreeze()) {
      assertThat(again.name()).isNotNull();
    }
  }
}
