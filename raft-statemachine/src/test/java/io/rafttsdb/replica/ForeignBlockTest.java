package io.rafttsdb.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.storage.FrozenTsdb;
import io.rafttsdb.storage.block.Block;
import io.rafttsdb.storage.block.BlockDirectory;
import io.rafttsdb.storage.block.ChunkSeries;
import io.rafttsdb.storage.block.Lease;
import io.rafttsdb.storage.compact.Compactor;
import io.rafttsdb.storage.compact.Pace;
import io.rafttsdb.storage.file.LocalDisk;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.Ulid;
import io.rafttsdb.storage.part.PartBuilder;
import io.rafttsdb.storage.part.PartStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A block of many series is divided among shards. */
class ForeignBlockTest {
  private static final int SERIES = 300;
  private static final Ulid NAME = new Ulid(0x0123456789abcdefL, 42);

  @TempDir private Path root;
  private Path foreign;

  @BeforeEach
  void write() throws Exception {
    try (BlockShard shard = BlockShard.open(root.resolve("source"))) {
      SampleBatch.Builder batch = new SampleBatch.Builder();
      for (int i = 0; i < SERIES; i++) {
        batch
            .series(labels(i))
            .sample(TestCluster.START_MS, i)
            .sample(TestCluster.START_MS + 1000, i + 1);
      }
      assertThat(shard.tsdb().append(batch.build())).isNotNull();
      shard.tsdb().publish(10);
      Path blocks = Files.createDirectory(root.resolve("blocks"));
      try (FrozenTsdb frozen = shard.tsdb().freeze()) {
        assertThat(
                frozen.writeBlocks(
                    new LocalDisk(), blocks, shard.store, Optional.of(NAME), Pace.UNBOUNDED))
            .containsExactly(NAME);
      }
      foreign = blocks.resolve(NAME.toString());
    }
  }

  private static Labels labels(int number) {
    return Labels.of("__name__", "m", "only" + number, "value" + number);
  }

  @Test
  void eachSeriesGoesToItsShardWithAllItsSamplesAndNoOthersSymbols() throws Exception {
    int shards = 3;
    Set<Labels> found = new HashSet<>();
    Set<Ulid> names = new HashSet<>();
    try (ForeignBlock block = ForeignBlock.open(foreign, shards);
        PartStore store = store()) {
      assertThat(block.shards()).containsExactly(0, 1, 2);
      for (int shard : block.shards()) {
        Ulid name = block.nameIn(shard);
        names.add(name);
        BlockFacts facts = builder(store).rewrite(name, block.meta(), block.part(shard));
        List<Labels> series = series(root.resolve("parts").resolve(name.toString()), shard);
        found.addAll(series);
        assertThat(series)
            .allMatch(labels -> ShardRouting.shardOf(labels, shards) == shard)
            .hasSize((int) facts.series());
        assertThat(facts.samples()).isEqualTo(2 * facts.series());
      }
    }
    assertThat(names).hasSize(shards).doesNotContain(NAME);
    assertThat(found).hasSize(SERIES);
  }

  private List<Labels> series(Path directory, int shard) throws IOException {
    List<Labels> series = new ArrayList<>();
    Set<String> used = new HashSet<>(Set.of(""));
    try (Block part = Block.open(directory);
        Lease _ = part.acquire()) {
      for (Iterator<ChunkSeries> all = part.series(); all.hasNext(); ) {
        Labels labels = all.next().labels();
        series.add(labels);
        labels.forEach((name, value) -> used.addAll(List.of(name, value)));
      }
      Set<String> written = new HashSet<>();
      part.symbols().forEachRemaining(written::add);
      written.add("");
      // Hashes may meet, by chance one in ten thousand here.
      assertThat(written).containsAll(used).hasSizeLessThan(used.size() + 3);
      assertThat(part.meta().ulid()).hasToString(String.valueOf(directory.getFileName()));
    }
    assertThat(series).as("shard %d", shard).isNotEmpty();
    return series;
  }

  @Test
  void oneShardTakesABlockAsItIsUnderItsName() throws Exception {
    try (ForeignBlock block = ForeignBlock.open(foreign, 1);
        PartStore store = store()) {
      assertThat(block.shards()).containsExactly(0);
      assertThat(block.nameIn(0)).isEqualTo(NAME);
      BlockFacts facts = builder(store).rewrite(NAME, block.meta(), block.part(0));
      assertThat(facts.samples()).isEqualTo(2 * SERIES);
    }
  }

  @Test
  void aShardWithoutSeriesGetsNoPart() throws Exception {
    int shards = 16;
    Path small = Files.createDirectory(root.resolve("small"));
    Ulid name = new Ulid(8, 8);
    try (BlockShard shard = BlockShard.open(root.resolve("one"))) {
      assertThat(shard.tsdb().append(TestCluster.batch("up", 0, 1))).isNotNull();
      shard.tsdb().publish(10);
      try (FrozenTsdb frozen = shard.tsdb().freeze()) {
        List<Ulid> _ =
            frozen.writeBlocks(
                new LocalDisk(), small, shard.store, Optional.of(name), Pace.UNBOUNDED);
      }
    }
    try (ForeignBlock block = ForeignBlock.open(small.resolve(name.toString()), shards)) {
      assertThat(block.shards()).containsExactly(15); // as docs/format/routing.md says of "up"
    }
  }

  /** The values are of docs/format/routing.md: a repeated import must find what there is. */
  @Test
  void namesOfPartsAreTheDocumentedOnes() {
    Ulid block = Ulid.parse("01JDH3V0T0ABCDEFGHJKMNPQRS");
    assertThat(ForeignBlock.partName(block, 0)).hasToString("01JDH3V0T0P4K2KGY5NS30MF59");
    assertThat(ForeignBlock.partName(block, 1)).hasToString("01JDH3V0T0CTEM6RSKP8MDYMTY");
    assertThat(ForeignBlock.partName(block, 15)).hasToString("01JDH3V0T0PF0A0EK7QW42NWZE");
  }

  @Test
  void whatIsNoBlockIsRefused() {
    assertThatThrownBy(() -> ForeignBlock.open(root, 2)).isInstanceOf(IOException.class);
  }

  private PartStore store() throws IOException {
    return PartStore.open(
        new BlockDirectory(Files.createDirectories(root.resolve("parts")), new LocalDisk()),
        Runnable::run,
        refused -> {});
  }

  private PartBuilder builder(PartStore store) {
    return new PartBuilder(
        store, new Compactor(new LocalDisk(), root.resolve("parts"), Pace.UNBOUNDED), bytes -> {});
  }
}
