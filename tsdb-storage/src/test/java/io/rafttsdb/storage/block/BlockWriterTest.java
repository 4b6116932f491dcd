package io.rafttsdb.storage.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.storage.block.BlockMeta.Compaction;
import io.rafttsdb.storage.block.RandomSeries.Sample;
import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.file.ForgetfulDisk;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Matcher;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlockWriterTest {

  private static final Ulid ULID = Ulid.parse("01HF7XKM00000000000000000A");
  private static final Compaction COMPACTION = Compaction.ofHead(ULID);
  private static final long START = RandomSeries.START_MS;
  private static final long END = RandomSeries.END_MS;

  @TempDir private Path directory;

  private static List<Chunk> chunks(long... timesMs) {
    List<Sample> samples = new ArrayList<>();
    for (long timeMs : timesMs) {
      samples.add(new Sample(timeMs, 0));
    }
    return RandomSeries.chunks(samples, 1);
  }

  private BlockWriter writer() throws IOException {
    BlockWriter writer = new BlockWriter(new ForgetfulDisk(), directory, ULID);
    writer.symbols(List.of("", "a", "b", "c").iterator());
    return writer;
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  @Test
  void theSameInputGivesTheSameBytes() throws IOException {
    SortedMap<Labels, List<Sample>> series = new RandomSeries(1).exactly(50);
    Path other = Files.createDirectory(directory.resolve("other"));
    Path one = RandomSeries.write(directory, ULID, series);
    Path two = RandomSeries.write(other, ULID, series);
    for (String name : List.of("index", "chunks/000001", "tombstones", "meta.json")) {
      assertThat(Files.mismatch(one.resolve(name), two.resolve(name))).isEqualTo(-1);
    }
    assertThat(BlockChecksum.of(one, bytes -> {})).isEqualTo(BlockChecksum.of(two, bytes -> {}));
  }

  @Test
  void segmentsStayWithinTheirLimit() throws IOException {
    SortedMap<Labels, List<Sample>> series = new RandomSeries(8).exactly(60);
    Path path = RandomSeries.write(new ForgetfulDisk(), directory, ULID, series, 4_000);
    try (Stream<Path> files = Files.list(path.resolve("chunks"))) {
      List<Path> segments = files.sorted().toList();
      assertThat(segments).hasSizeGreaterThan(5);
      assertThat(segments.getFirst().getFileName()).hasToString("000001");
      for (Path segment : segments) {
        assertThat(Files.size(segment)).isLessThanOrEqualTo(4_000);
      }
    }
    assertThat(BlockVerifier.verify(path, bytes -> {}).stats().series()).isEqualTo(60);
  }

  @Test
  void withoutFinishNothingStays() throws IOException {
    try (BlockWriter writer = writer()) {
      writer.series(Labels.of("a", "b"), chunks(START));
      assertThat(names()).containsExactly(ULID + ".tmp-for-creation");
    }
    assertThat(names()).isEmpty();
  }

  @Test
  void aBlockWithoutSamplesIsReportedAndNotPublished() throws IOException {
    try (BlockWriter writer = writer()) {
      writer.series(Labels.of("a", "b"), List.of());
      BlockMeta meta = writer.finish(START, END, COMPACTION);
      assertThat(meta.compaction().deletable()).isTrue();
      assertThat(meta.stats().samples()).isZero();
    }
    assertThat(names()).isEmpty();
  }

  @Test
  void aBlockThatIsThereIsNotWrittenOver() throws IOException {
    RandomSeries.write(directory, ULID, new RandomSeries(1).exactly(3));
    assertThatThrownBy(this::writer)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(ULID.toString());
  }

  @Test
  void whatACrashLeftIsReplaced() throws IOException {
    BlockWriter abandoned = writer();
    abandoned.series(Labels.of("a", "b"), chunks(START));
    try (BlockWriter writer = writer()) {
      writer.series(Labels.of("a", "c"), chunks(START));
      writer.finish(START, END, COMPACTION);
    }
    try (Block block = Block.open(directory.resolve(ULID.toString()))) {
      assertThat(BlockTest.all(block).keySet()).containsExactly(Labels.of("a", "c"));
    }
    abandoned.close();
  }

  @Test
  void longStringsAndManyChunksAreReadInParts() throws IOException {
    SortedMap<Labels, List<Sample>> series = new TreeMap<>();
    List<Sample> one = List.of(new Sample(START, 1));
    List<Sample> many = new ArrayList<>();
    for (int i = 0; i < 120 * 400; i++) {
      many.add(new Sample(START + i, i));
    }
    for (int length : new int[] {127, 128, 500, 1_100, 16_384, 70_000, 300_000}) {
      series.put(Labels.of("a", "v".repeat(length), "n".repeat(length / 2), "x"), one);
    }
    for (int i = 0; i < 70; i++) {
      series.put(Labels.of("a", "w" + i, "b", "y"), i == 33 ? many : one);
    }
    Path path = RandomSeries.write(directory, ULID, series);
    BlockVerifier.verify(path, bytes -> {});
    try (Block block = Block.open(path)) {
      assertThat(BlockTest.all(block)).isEqualTo(series);
      for (Labels labels : series.keySet()) {
        Matcher matcher = new Matcher(Matcher.Type.EQUAL, "a", labels.get("a"));
        assertThat(block.select(List.of(matcher), 0, Long.MAX_VALUE, 9))
            .singleElement()
            .matches(found -> found.labels().equals(labels));
      }
    }
  }

  /** What a writer that has one series is asked for next. */
  private interface Call {
    void on(BlockWriter writer) throws IOException;
  }

  private void assertRefused(Call call, String why) throws IOException {
    try (BlockWriter writer = writer()) {
      writer.series(Labels.of("b", "b"), chunks(START, START + 1));
      assertThatThrownBy(() -> call.on(writer))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(why);
      assertThatThrownBy(() -> writer.finish(START, END, COMPACTION))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining(ULID.toString());
    }
    assertThat(names()).isEmpty();
  }

  @Test
  void refusesWhatIsNotInOrder() throws IOException {
    assertRefused(w -> w.series(Labels.of("b", "b"), chunks(START)), "ascending");
    assertRefused(w -> w.series(Labels.of("a", "c"), chunks(START)), "ascending");
    assertRefused(w -> w.series(Labels.of("b", "x"), chunks(START)), "symbols");
    assertRefused(w -> w.series(Labels.of("c", "a"), chunks(2, 2)), "begins before");
    assertRefused(w -> w.series(Labels.of("c", "a"), chunks(3, 2)), "begins before");
    assertRefused(w -> w.finish(START + 1, END, COMPACTION), "samples in");
    assertRefused(w -> w.finish(START, START + 1, COMPACTION), "samples in");
    for (List<String> symbols : List.of(List.of("b", "a"), List.of("a", "a"), List.of("", ""))) {
      try (BlockWriter writer = new BlockWriter(new ForgetfulDisk(), directory, ULID)) {
        assertThatThrownBy(() -> writer.symbols(symbols.iterator()))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("ascending");
      }
    }
    assertThat(names()).isEmpty();
  }
}
