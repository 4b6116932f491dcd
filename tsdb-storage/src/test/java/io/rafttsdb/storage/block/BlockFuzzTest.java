package io.rafttsdb.storage.block;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.block.RandomSeries.Sample;
import io.rafttsdb.storage.chunk.CorruptChunk;
import io.rafttsdb.storage.file.ForgetfulDisk;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Matcher;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever the files of a block hold, reading them gives what was written or an {@link
 * IOException}; where checksums are forged, another answer, but never a crash, a hang or an error
 * of any other kind.
 *
 * <p>System property {@code rafttsdb.fuzz.rounds}: rounds of each seed, 25 if not set.
 */
class BlockFuzzTest {

  private static final int ROUNDS = Integer.getInteger("rafttsdb.fuzz.rounds", 25);

  private static final Ulid ULID = Ulid.parse("01HF7XKM00000000000000000A");

  private static final List<Matcher> SOME =
      List.of(
          new Matcher(Matcher.Type.REGEX, "instance", "host-1.*"),
          new Matcher(Matcher.Type.NOT_EQUAL, "l1", "a"));

  @TempDir private static Path scratch;
  private static Path good = Path.of("");
  private static Answers expected = new Answers(List.of(), new TreeMap<>(), List.of());

  /** What is asked of a block. */
  private record Answers(
      List<Labels> some, SortedMap<Labels, List<Sample>> all, List<String> values) {}

  static LongStream seeds() {
    return LongStream.concat(
        LongStream.range(0, 6), new SplittableRandom().longs(2).map(Math::abs));
  }

  @BeforeAll
  static void writeBlock() throws IOException {
    Path directory = Files.createDirectory(scratch.resolve("good"));
    SortedMap<Labels, List<Sample>> series = new RandomSeries(5).exactly(6);
    good = RandomSeries.write(directory, ULID, series);
    try (Block block = Block.open(good)) {
      block.delete(
          new ForgetfulDisk(), SOME, RandomSeries.START_MS, RandomSeries.START_MS + 1_000_000);
    }
    expected = ask(good);
    assertThat(expected.all.keySet()).isEqualTo(series.keySet());
    assertThat(expected.some).isNotEmpty();
  }

  private static Answers ask(Path path) throws IOException {
    try (Block opened = Block.open(path);
        Lease lease = opened.acquire()) {
      Block block = lease.block();
      SortedMap<Labels, List<Sample>> all = new TreeMap<>();
      for (ChunkSeries series : block.select(List.of(), Long.MIN_VALUE, Long.MAX_VALUE, 1_000)) {
        all.put(series.labels(), BlockTest.samples(series));
      }
      block.series().forEachRemaining(series -> {});
      block.symbols().forEachRemaining(symbol -> {});
      List<ChunkSeries> some = block.select(SOME, 0, Long.MAX_VALUE, 1_000);
      return new Answers(
          some.stream().map(ChunkSeries::labels).toList(),
          all,
          block.labelValues("instance", SOME, 0, Long.MAX_VALUE));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static List<String> files() {
    return List.of("index", "chunks/000001", "tombstones", "meta.json");
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void aDamagedFileIsAnErrorOrChangesNothing(long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    Path copy = scratch.resolve("damaged" + seed).resolve(ULID.toString());
    Damage.copy(good, copy);
    int errors = 0;
    for (int i = 0; i < ROUNDS; i++) {
      String name = files().get(random.nextInt(files().size()));
      byte[] bytes = Files.readAllBytes(good.resolve(name));
      Files.write(copy.resolve(name), Damage.of(bytes, random));
      try {
        assertThat(ask(copy)).as("round %d, %s", i, name).isEqualTo(expected);
      } catch (IOException e) {
        assertThat(e).hasMessageContaining(ULID.toString());
        errors++;
      }
      Files.write(copy.resolve(name), bytes);
    }
    assertThat(errors).isGreaterThan(ROUNDS / 2);
    assertThat(ask(copy)).isEqualTo(expected);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void aForgedFileIsAnErrorOrAnotherAnswer(long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    Path copy = scratch.resolve("forged" + seed).resolve(ULID.toString());
    Damage.copy(good, copy);
    int errors = 0;
    for (int i = 0; i < ROUNDS; i++) {
      String name = files().get(random.nextInt(2));
      byte[] bytes = Files.readAllBytes(good.resolve(name));
      List<Damage.Checked> parts =
          name.equals("index") ? Damage.indexParts(bytes) : Damage.segmentParts(bytes);
      Files.write(copy.resolve(name), Damage.forge(bytes, parts, random));
      try {
        BlockVerifier.verify(copy, length -> {});
      } catch (IOException e) {
        errors++;
      }
      try {
        ask(copy);
      } catch (IOException | CorruptChunk e) {
        assertThat(e).isNotNull();
      } catch (AssertionError e) {
        assertThat(e).as("samples other than the index says").isNotNull();
      }
      Files.write(copy.resolve(name), bytes);
    }
    // The rest changed a value of a sample, which nothing but the checksum knows.
    assertThat(errors).isPositive();
  }

  @Test
  void everyTruncationIsAnError() throws IOException {
    Path copy = scratch.resolve("short").resolve(ULID.toString());
    Damage.copy(good, copy);
    for (String name : files()) {
      byte[] bytes = Files.readAllBytes(good.resolve(name));
      for (int length = 0; length < bytes.length; length += 1 + length / 8) {
        try (FileChannel channel = FileChannel.open(copy.resolve(name), StandardOpenOption.WRITE)) {
          channel.truncate(length);
        }
        boolean refused = false;
        try {
          ask(copy);
        } catch (IOException e) {
          refused = true;
        }
        assertThat(refused).as("%s of %d bytes", name, length).isTrue();
        Files.write(copy.resolve(name), bytes);
      }
    }
  }

  @Test
  void aFileCutUnderItsMappingIsAnErrorAndNoCrash() throws IOException {
    Path directory = Files.createDirectory(scratch.resolve("cut"));
    SortedMap<Labels, List<Sample>> series = new RandomSeries(17).exactly(400);
    Path path = RandomSeries.write(directory, ULID, series);
    for (String name : List.of("chunks/000001", "index")) {
      Path file = path.resolve(name);
      byte[] bytes = Files.readAllBytes(file);
      assertThat(bytes.length).isGreaterThan(5 * 4096);
      for (int length = bytes.length - 1; length > 0; length -= bytes.length / 9) {
        assertCutIsAnError(path, file, length);
        Files.write(file, bytes);
      }
    }
    assertThat(ask(path).all).isEqualTo(series);
  }

  private static void assertCutIsAnError(Path path, Path file, int length) throws IOException {
    try (Block opened = Block.open(path);
        Lease lease = opened.acquire()) {
      Block block = lease.block();
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(length);
      }
      boolean failed = false;
      try {
        for (ChunkSeries next : block.select(List.of(), 0, Long.MAX_VALUE, Integer.MAX_VALUE)) {
          BlockTest.samples(next);
        }
        block.select(
            List.of(new Matcher(Matcher.Type.NOT_EQUAL, "instance", "")), 0, Long.MAX_VALUE, 9_999);
      } catch (IOException e) {
        failed = true;
      }
      // The last bytes of an index are its contents, which were read at the start.
      assertThat(failed || length > Files.size(file) - 60)
          .as("%s cut at %d", file, length)
          .isTrue();
    }
  }
}
