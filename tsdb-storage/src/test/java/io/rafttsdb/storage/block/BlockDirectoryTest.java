package io.rafttsdb.storage.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.storage.block.BlockDirectory.Opened;
import io.rafttsdb.storage.block.BlockDirectory.Refused;
import io.rafttsdb.storage.block.BlockMeta.Compaction;
import io.rafttsdb.storage.block.BlockMeta.Parent;
import io.rafttsdb.storage.block.RandomSeries.Sample;
import io.rafttsdb.storage.file.ForgetfulDisk;
import io.rafttsdb.storage.model.FormatTooNew;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlockDirectoryTest {

  private static final Ulid A = Ulid.parse("01HF7XKM00000000000000000A");
  private static final Ulid B = Ulid.parse("01HF7XKM00000000000000000B");
  private static final Ulid C = Ulid.parse("01HF7XKM00000000000000000C");
  private static final SortedMap<Labels, List<Sample>> SERIES = new RandomSeries(4).exactly(5);

  @TempDir private Path path;

  private Opened open() throws IOException {
    Opened opened = new BlockDirectory(path, new ForgetfulDisk()).open(Runnable::run);
    opened.blocks().forEach(Block::close);
    return opened;
  }

  private static List<Ulid> ulids(Opened opened) {
    return opened.blocks().stream().map(block -> block.meta().ulid()).toList();
  }

  @Test
  void opensWhatAPrometheusLeft() throws IOException {
    RandomSeries.write(path, B, SERIES);
    RandomSeries.write(path, A, SERIES);
    Files.createDirectory(path.resolve("wal"));
    Files.createDirectory(path.resolve("chunks_head"));
    Files.createDirectory(path.resolve("notAUlidButAsLongAsOneIsXX"));
    Files.writeString(path.resolve("lock"), "");
    Path half = Files.createDirectory(path.resolve(C + ".tmp-for-creation"));
    Files.writeString(half.resolve("index"), "");
    Path deleted = Files.createDirectory(path.resolve(C + ".tmp-for-deletion"));
    Files.createDirectory(deleted.resolve("chunks"));
    Files.writeString(path.resolve(A.toString()).resolve("meta.json.tmp"), "");

    Opened opened = open();
    assertThat(ulids(opened)).containsExactly(A, B);
    assertThat(opened.refused()).isEmpty();
    assertThat(half).doesNotExist();
    assertThat(deleted).doesNotExist();
    assertThat(path.resolve(A.toString()).resolve("meta.json.tmp")).doesNotExist();
    assertThat(path.resolve("wal")).exists();
    assertThat(path.resolve("notAUlidButAsLongAsOneIsXX")).exists();
  }

  private void writeChildOfA() throws IOException {
    try (BlockWriter writer = new BlockWriter(new ForgetfulDisk(), path, C)) {
      writer.symbols(List.of("a", "b").iterator());
      writer.series(
          Labels.of("a", "b"), RandomSeries.chunks(List.of(new Sample(5, 0), new Sample(6, 0)), 9));
      writer.finish(
          0,
          10,
          new Compaction(2, List.of(A), List.of(new Parent(A, 0, 10)), false, false, List.of()));
    }
  }

  @Test
  void aParentGivesWayToItsChild() throws IOException {
    RandomSeries.write(path, A, SERIES);
    RandomSeries.write(path, B, SERIES);
    writeChildOfA();

    Opened opened = open();
    assertThat(ulids(opened)).containsExactly(C, B);
    assertThat(opened.replaced()).containsExactly(A);
    assertThat(path.resolve(A.toString())).exists();
  }

  @Test
  void aDamagedChildReplacesNothing() throws IOException {
    RandomSeries.write(path, A, SERIES);
    writeChildOfA();
    Files.write(path.resolve(C.toString()).resolve("index"), new byte[80]);

    Opened opened = open();
    assertThat(ulids(opened)).containsExactly(A);
    assertThat(opened.replaced()).isEmpty();
    Refused refused = opened.refused().getFirst();
    assertThat(refused.ulid()).isEqualTo(C);
    assertThat(refused.reason()).hasMessageContaining("magic");
    assertThat(refused.movedTo()).contains(path.resolve("quarantine").resolve(C + "-corrupt"));
    assertThat(path.resolve("quarantine").resolve(C + "-corrupt").resolve("index")).exists();
    assertThat(open().refused()).isEmpty();
  }

  @Test
  void oneDamagedBlockAfterTheOtherIsSetAside() throws IOException {
    for (int i = 0; i < 3; i++) {
      Path block = RandomSeries.write(path, A, SERIES);
      Files.delete(block.resolve("meta.json"));
      assertThat(open().refused().getFirst().movedTo().orElseThrow().getFileName().toString())
          .startsWith(A + "-incomplete");
    }
    try (var files = Files.list(path.resolve("quarantine"))) {
      assertThat(files).hasSize(3);
    }
  }

  @Test
  void aNewerFormatIsLeftInItsPlace() throws IOException {
    Path block = RandomSeries.write(path, A, SERIES);
    Path meta = block.resolve("meta.json");
    Files.writeString(meta, Files.readString(meta).replace("\"version\": 1", "\"version\": 7"));

    Refused refused = open().refused().getFirst();
    assertThat(refused.reason()).isInstanceOf(FormatTooNew.class).hasMessageContaining("upgrade");
    assertThat(refused.movedTo()).isEmpty();
    assertThat(meta).exists();
  }

  @Test
  void deletesWhileABlockIsRead() throws IOException {
    Path written = RandomSeries.write(path, A, SERIES);
    BlockDirectory directory = new BlockDirectory(path, new ForgetfulDisk());
    try (Block block = Block.open(written);
        Lease lease = block.acquire()) {
      directory.delete(A);
      directory.delete(A);
      assertThat(directory.list()).isEmpty();
      assertThat(written).doesNotExist();
      assertThat(BlockTest.all(lease.block())).isEqualTo(SERIES);
    }
  }

  @Test
  void aReasonIsAWord() throws IOException {
    RandomSeries.write(path, A, SERIES);
    BlockDirectory directory = new BlockDirectory(path, new ForgetfulDisk());
    assertThatThrownBy(() -> directory.quarantine(A, "../x"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
