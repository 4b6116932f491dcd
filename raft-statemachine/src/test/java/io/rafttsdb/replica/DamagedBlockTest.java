package io.rafttsdb.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.rafttsdb.replica.duty.BlockPolicy;
import io.rafttsdb.storage.manifest.ManifestPart;
import io.rafttsdb.storage.model.Capture;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.MissingBlock;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.Selection;
import io.rafttsdb.storage.model.SeriesView;
import io.rafttsdb.storage.model.Settings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A query that meets a damaged block says so, and the node gets the block again by itself. */
class DamagedBlockTest {
  private static final long RANGE_MS = 60_000;
  private static final long START_MS = TestCluster.START_MS / RANGE_MS * RANGE_MS;
  private static final long STEP_MS = 5_000;
  private static final int STEPS = 60;
  private static final Selection ALL = new Selection(List.of(), Long.MIN_VALUE, Long.MAX_VALUE);

  @TempDir private Path root;

  private TestCluster cluster;

  @BeforeEach
  void start() throws Exception {
    cluster = new TestCluster(root, 3);
    cluster.settings = new Settings(RANGE_MS, 0);
    BlockPolicy policy = BlockPolicy.DEFAULT;
    cluster.policy = // no block is merged into another
        new BlockPolicy(
            policy.retentionMs(),
            policy.retentionBytes(),
            16,
            policy.headBytesEarly(),
            policy.bytesPerSecond());
    cluster.startAll().awaitReady();
    for (int i = 0; i < STEPS; i++) {
      cluster.write(
          new SampleBatch.Builder()
              .series(Labels.of("__name__", "m"))
              .sample(START_MS + i * STEP_MS, i)
              .build());
    }
  }

  private static long count(ShardReplica replica) {
    long count = 0;
    try (Capture capture = replica.storage().select(List.of(ALL), 10)) {
      for (SeriesView view : capture.series().getFirst()) {
        for (SampleCursor samples = view.samples(); samples.next(); ) {
          assertThat(samples.valueBits()).isEqualTo(count);
          count++;
        }
      }
    }
    return count;
  }

  private static double metric(ShardReplica replica, String name) {
    return replica.metrics().stream()
        .filter(metric -> metric.name().equals(name))
        .findFirst()
        .orElseThrow()
        .value()
        .getAsDouble();
  }

  private static ManifestPart oldest(ShardReplica replica) {
    return replica.storage().manifest().parts().getFirst();
  }

  private void awaitWhole(ShardReplica replica) {
    await()
        .atMost(TestCluster.PATIENCE)
        .untilAsserted(() -> {
          assertThat(replica.storage().sealedUpToMs())
              .isGreaterThanOrEqualTo(START_MS + 3 * RANGE_MS);
          assertThat(metric(replica, "blocks_present"))
              .isEqualTo(metric(replica, "blocks"))
              .isPositive();
          assertThat(metric(replica, "blocks_pending")).isZero();
          assertThat(replica.storage().sealedParts())
              .as("the oldest is read from its block")
              .noneMatch(part -> part.range().ulid().equals(oldest(replica).ulid()));
        });
  }

  /** In the midst of the first chunk. */
  private Path damage(int node, ManifestPart part) throws IOException {
    Path chunks =
        cluster
            .directory(node)
            .resolve("blocks")
            .resolve(part.ulid().toString())
            .resolve("chunks/000001");
    long middle = Files.size(chunks) - 8;
    try (FileChannel channel =
        FileChannel.open(chunks, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, middle);
      one.put(0, (byte) (one.get(0) ^ 0x10));
      channel.write(one.flip(), middle);
    }
    return chunks;
  }

  @Test
  void aQueryNamesItAndALittleLaterItIsAnswered() throws Exception {
    ShardReplica replica = cluster.replica(1);
    awaitWhole(replica);
    assertThat(count(replica)).isEqualTo(STEPS);
    ManifestPart part = oldest(replica);
    damage(1, part);
    assertThatThrownBy(() -> count(replica))
        .isInstanceOf(MissingBlock.class)
        .hasMessageContaining(part.ulid().toString())
        .hasMessageContaining("another one can answer");
    assertThat(metric(replica, "blocks_damaged_total")).isEqualTo(1);
    await()
        .atMost(TestCluster.PATIENCE)
        .ignoreExceptionsInstanceOf(MissingBlock.class)
        .untilAsserted(() -> assertThat(count(replica)).isEqualTo(STEPS));
    assertThat(metric(replica, "blocks_fetched_total")).isEqualTo(1);
    assertThat(metric(replica, "blocks_damaged_total")).isEqualTo(1);
  }

  @AfterEach
  void close() throws Exception {
    cluster.close();
    assertThat(cluster.failures).isEmpty();
  }
}
