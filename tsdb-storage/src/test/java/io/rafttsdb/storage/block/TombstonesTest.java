package io.rafttsdb.storage.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.storage.block.Intervals.Interval;
import io.rafttsdb.storage.block.RandomSeries.Sample;
import io.rafttsdb.storage.file.ForgetfulDisk;
import io.rafttsdb.storage.model.CorruptFile;
import io.rafttsdb.storage.model.FormatTooNew;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Matcher;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TombstonesTest {

  private static final Ulid ULID = Ulid.parse("01HF7XKM00000000000000000A");
  private static final long START = RandomSeries.START_MS;

  @TempDir private Path directory;

  static LongStream seeds() {
    return LongStream.concat(
        LongStream.range(0, 8), new SplittableRandom().longs(2).map(Math::abs));
  }

  private static Tombstones random(SplittableRandom random) {
    SortedMap<Long, Intervals> all = new TreeMap<>();
    for (int n = random.nextInt(20); n > 0; n--) {
      long minMs = random.nextLong(-1_000, 1_000);
      long maxMs = minMs + random.nextLong(300);
      all.merge(
          random.nextLong(10) << random.nextInt(33),
          Intervals.NONE.with(minMs, maxMs),
          (some, more) -> some.with(minMs, maxMs));
    }
    return new Tombstones(all);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void returnsWhatWasWritten(long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    Tombstones some = random(random);
    Tombstones more = random(random);
    Tombstones both = some.with(more);
    both.write(new ForgetfulDisk(), directory.resolve("tombstones"));
    assertThat(Tombstones.read(directory.resolve("tombstones"))).isEqualTo(both);
    for (Map.Entry<Long, Intervals> series : both.bySeries().entrySet()) {
      for (long at = -1_100; at < 1_500; at += 7) {
        assertThat(series.getValue().contains(at))
            .isEqualTo(
                some.of(series.getKey()).contains(at) || more.of(series.getKey()).contains(at));
      }
    }
  }

  @Test
  void writesTheBytesOfPrometheus() throws IOException {
    Path empty = directory.resolve("empty");
    Tombstones.NONE.write(new ForgetfulDisk(), empty);
    assertThat(HexFormat.of().formatHex(Files.readAllBytes(empty))).isEqualTo("0130ba300100000000");
    assertThat(Tombstones.read(empty).isEmpty()).isTrue();

    Path one = directory.resolve("one");
    new Tombstones(new TreeMap<>(Map.of(393L, Intervals.NONE.with(1, 64))))
        .write(new ForgetfulDisk(), one);
    assertThat(HexFormat.of().formatHex(Files.readAllBytes(one)))
        .startsWith("0130ba3001" + "8903" + "02" + "8001");
  }

  @Test
  void refusesAnotherVersionAndRangesThatAreNone() throws IOException {
    Path file = directory.resolve("tombstones");
    Files.write(file, HexFormat.of().parseHex("0130ba300200000000"));
    assertThatThrownBy(() -> Tombstones.read(file)).isInstanceOf(FormatTooNew.class);
    byte[] reversed = HexFormat.of().parseHex("0130ba3001" + "050402" + "00000000");
    Files.write(file, Damage.withChecksum(reversed, new Damage.Checked(5, 8)));
    assertThatThrownBy(() -> Tombstones.read(file))
        .isInstanceOf(CorruptFile.class)
        .hasMessageContaining("[2, 1] of series 5");
  }

  @Test
  void aDeleteHidesWhatItNames() throws IOException {
    SortedMap<Labels, List<Sample>> series = new TreeMap<>();
    List<Sample> samples =
        LongStream.range(0, 360).mapToObj(i -> new Sample(START + i * 1_000, i)).toList();
    series.put(Labels.of("a", "x"), samples);
    series.put(Labels.of("a", "y"), samples);
    Path path = RandomSeries.write(directory, ULID, series);
    try (Block block = Block.open(path)) {
      block.delete(new ForgetfulDisk(), List.of(x()), 0, START + 130_000);
      assertDeleted(block);
      assertThat(Files.readString(path.resolve("meta.json"))).contains("\"numTombstones\": 1");
    }
    try (Block block = Block.open(path)) {
      assertDeleted(block);
      block.delete(new ForgetfulDisk(), List.of(x()), START + 130_001, Long.MAX_VALUE);
      assertThat(block.select(List.of(x()), 0, Long.MAX_VALUE, 9)).isEmpty();
      assertThat(block.labelValues("a", List.of(), 0, Long.MAX_VALUE)).containsExactly("y");
      assertThat(block.meta().stats().tombstones()).isEqualTo(1);
      block.replaceTombstones(new ForgetfulDisk(), Tombstones.NONE);
      assertThat(block.select(List.of(), 0, Long.MAX_VALUE, 9)).hasSize(2);
    }
  }

  private static Matcher x() {
    return new Matcher(Matcher.Type.EQUAL, "a", "x");
  }

  private static void assertDeleted(Block block) throws IOException {
    List<ChunkSeries> selected = block.select(List.of(), 0, Long.MAX_VALUE, 9);
    assertThat(selected.getFirst().deleted().ranges())
        .containsExactly(new Interval(START, START + 130_000));
    assertThat(selected.getFirst().chunks()).as("the first is deleted whole").hasSize(2);
    assertThat(selected.getLast().deleted().isEmpty()).isTrue();
    assertThat(selected.getLast().chunks()).hasSize(3);
    assertThat(block.select(List.of(x()), 0, START + 125_000, 9)).isEmpty();
    assertThat(block.labelValues("a", List.of(), 0, START + 125_000)).containsExactly("y");
  }
}
