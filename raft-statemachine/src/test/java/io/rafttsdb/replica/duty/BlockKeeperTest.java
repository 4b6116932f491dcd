package io.rafttsdb.replica.duty;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.ChunksHead;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.block.BlockDirectory;
import io.rafttsdb.storage.compact.Compactor;
import io.rafttsdb.storage.file.LocalDisk;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.Digest;
import io.rafttsdb.storage.manifest.ManifestChange;
import io.rafttsdb.storage.model.CutResult;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
import io.rafttsdb.storage.part.PartBuilder;
import io.rafttsdb.storage.part.PartStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node does about one sealed part: builds it, and where it can't, fetches it. */
class BlockKeeperTest {

  private static final long RANGE_MS = 7_200_000;
  private static final Ulid PART = new Ulid(1, 2);
  private static final BlockFacts OTHER =
      new BlockFacts(Digest.of(new byte[Digest.BYTES]), 100, 1, 1, 1);

  @TempDir private Path directory;
  private PartStore store;
  private Tsdb tsdb;
  private BlockKeeper keeper;

  /** What the other nodes were asked for; none of them has it. */
  private final List<Ulid> asked = new ArrayList<>();

  private long nowNanos;

  @BeforeEach
  void sealAPart() throws IOException {
    Path blocks = Files.createDirectories(directory.resolve("blocks"));
    LocalDisk disk = new LocalDisk();
    store = PartStore.open(new BlockDirectory(blocks, disk), Runnable::run, refused -> {});
    tsdb = Tsdb.empty(new ChunksHead(directory.resolve("chunks_head"), Runnable::run), store);
    tsdb.configure(new Settings(RANGE_MS, 0));
    for (int i = 0; i < 1000; i++) {
      tsdb.append(
          new SampleBatch.Builder()
              .series(Labels.of("__name__", "m"))
              .sample(i * 15_000L, i)
              .build());
      tsdb.publish(i);
    }
    assertThat(tsdb.spill()).isPositive();
    assertThat(tsdb.cut(RANGE_MS, PART)).isInstanceOf(CutResult.Sealed.class);
    tsdb.publish(1000);
    PartBuilder builder =
        new PartBuilder(store, new Compactor(disk, blocks, bytes -> {}), bytes -> {});
    keeper =
        new BlockKeeper(
            () -> tsdb, store, builder, (ulid, facts) -> !asked.add(ulid), () -> nowNanos);
  }

  @AfterEach
  void close() throws IOException {
    tsdb.close();
    store.close();
  }

  private void certify(BlockFacts facts) {
    assertThat(tsdb.built(PART, facts)).isInstanceOf(ManifestChange.Accepted.class);
    tsdb.publish(1001);
  }

  private void workUntilNothingIsLeft() throws InterruptedException {
    for (int steps = 0; keeper.step(); steps++) {
      assertThat(steps).as("steps without an end").isLessThan(10);
    }
  }

  @Test
  void aSealedPartIsBuiltAndLeavesTheMemoryOnceCertified() throws Exception {
    workUntilNothingIsLeft();
    Map<Ulid, BlockFacts> found = keeper.pendingFacts();
    assertThat(found).containsOnlyKeys(PART);
    assertThat(tsdb.sealedParts()).hasSize(1);

    certify(found.values().iterator().next());
    workUntilNothingIsLeft();
    tsdb.publish(1002);
    assertThat(tsdb.sealedParts()).isEmpty();
    assertThat(store.has(PART)).isTrue();
    assertThat(asked).isEmpty();
  }

  @Test
  void aBlockUnlikeTheMajoritysIsSetAsideAndFetched() throws Exception {
    workUntilNothingIsLeft();
    certify(OTHER);
    workUntilNothingIsLeft();
    assertThat(keeper.counts().differingBlocks()).isEqualTo(1);
    assertThat(directory.resolve("blocks/quarantine")).isNotEmptyDirectory();
    assertThat(asked).contains(PART);
  }

  /** As one whose version was damaged, and which so looks like that of a newer program. */
  @Test
  void aDirectoryThatCouldNotBeOpenedIsNotInTheWay() throws Exception {
    Files.writeString(Files.createDirectory(store.directory().of(PART)).resolve("index"), "?");
    workUntilNothingIsLeft();
    assertThat(store.has(PART)).isTrue();
    assertThat(directory.resolve("blocks/quarantine/" + PART + "-unopened/index")).exists();
    assertThat(keeper.counts().quarantinedBlocks()).isEqualTo(1);
  }

  /** What the block is to be built from is damaged: another node has it. */
  @Test
  void aPartOfWhichTheChunksAreDamagedIsFetched() throws Exception {
    try (Stream<Path> files = Files.walk(directory.resolve("chunks_head"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        byte[] bytes = Files.readAllBytes(file);
        for (int i = 40; i < bytes.length; i++) {
          bytes[i] ^= 0x55;
        }
        Files.write(file, bytes, StandardOpenOption.WRITE);
      }
    }
    workUntilNothingIsLeft();
    assertThat(keeper.counts().failures()).isEqualTo(1);
    assertThat(keeper.pendingFacts()).isEmpty();

    certify(OTHER);
    workUntilNothingIsLeft();
    assertThat(asked).as("before the time to try again").isEmpty();
    nowNanos = BlockKeeper.RETRY.toNanos();
    assertThat(keeper.step()).isTrue();
    assertThat(asked).containsExactly(PART);
  }
}
