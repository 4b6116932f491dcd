package io.rafttsdb.storage.block;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.storage.block.BlockMeta.Compaction;
import io.rafttsdb.storage.block.RandomSeries.Sample;
import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.chunk.Encoding;
import io.rafttsdb.storage.file.ForgetfulDisk;
import io.rafttsdb.storage.model.CorruptFile;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the scrubber finds: damage, and files that are whole but do not belong together. */
class BlockVerifierTest {

  private static final Ulid ULID = Ulid.parse("01HF7XKM00000000000000000A");

  /** Bytes of the index header, before the length of the symbols. */
  private static final int SYMBOLS = 5;

  @TempDir private Path directory;

  static LongStream seeds() {
    return LongStream.concat(
        LongStream.range(0, 4), new SplittableRandom().longs(2).map(Math::abs));
  }

  private Path write(long seed) throws IOException {
    return RandomSeries.write(directory, ULID, new RandomSeries(seed).exactly(10));
  }

  private static void assertFound(Path block, String file, String expected) {
    assertThatThrownBy(() -> BlockVerifier.verify(block, bytes -> {}))
        .isInstanceOf(CorruptFile.class)
        .hasMessageContaining(file)
        .hasMessageContaining(expected);
  }

  @Test
  void readsEverythingAtTheGivenRate() throws IOException {
    Path block = write(1);
    AtomicLong read = new AtomicLong();
    BlockMeta meta = BlockVerifier.verify(block, read::addAndGet);
    assertThat(meta).isEqualTo(BlockMetaJson.read(block.resolve("meta.json")));
    assertThat(read.get())
        .isGreaterThan(
            Files.size(block.resolve("index")) + Files.size(block.resolve("chunks/000001")));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everyFlippedByteIsFound(long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    Path block = write(seed);
    for (String name : List.of("index", "chunks/000001", "tombstones")) {
      Path file = block.resolve(name);
      byte[] good = Files.readAllBytes(file);
      for (int i = 0; i < 15; i++) {
        byte[] bad = good.clone();
        int at = random.nextInt(bad.length);
        while (isUnused(name, good, at)) {
          at = random.nextInt(bad.length);
        }
        bad[at] ^= (byte) random.nextInt(1, 256);
        Files.write(file, bad);
        assertThatThrownBy(() -> BlockVerifier.verify(block, bytes -> {}))
            .as("%s at %d", name, at)
            .isInstanceOf(CorruptFile.class);
      }
      Files.write(file, good);
    }
    BlockVerifier.verify(block, bytes -> {});
  }

  /** Zeros of a segment's header, and between the series of an index: nobody reads them. */
  private static boolean isUnused(String name, byte[] bytes, int at) {
    if (name.startsWith("chunks")) {
      return at >= 5 && at < 8;
    }
    if (!name.equals("index")) {
      return false;
    }
    int previousEnd = 0;
    int postings = (int) ByteBuffer.wrap(bytes).getLong(bytes.length - 52 + 32);
    for (Damage.Checked part : Damage.indexParts(bytes)) {
      int partStart = part.start() - 4;
      if (previousEnd > 0 && part.start() < postings) {
        partStart = (previousEnd + 15) / 16 * 16;
      }
      if (previousEnd > 0 && at >= previousEnd && at < partStart) {
        return true;
      }
      previousEnd = part.end() + 4;
    }
    return false;
  }

  @Test
  void findsCountsThatAreWrong() throws IOException {
    Path block = write(1);
    Path file = block.resolve("meta.json");
    String good = Files.readString(file);
    for (String count : List.of("numSamples", "numFloatSamples", "numSeries", "numChunks")) {
      Files.writeString(file, good.replace("\"" + count + "\": ", "\"" + count + "\": 1"));
      assertFound(block, "meta.json", "expected");
    }
    Files.writeString(file, good.replace("\"maxTime\": 17", "\"maxTime\": 16"));
    assertThatThrownBy(() -> BlockVerifier.verify(block, bytes -> {}))
        .isInstanceOf(CorruptFile.class);
  }

  @Test
  void findsAMetaOfAnotherBlock() throws IOException {
    Path block = write(1);
    Path file = block.resolve("meta.json");
    Files.writeString(file, Files.readString(file).replace("000A", "000B"));
    assertFound(block, "meta.json", "block " + ULID);
  }

  @Test
  void findsChunksWithOtherTimesThanTheIndexSays() throws IOException {
    Chunk good =
        RandomSeries.chunks(
                List.of(
                    new Sample(RandomSeries.START_MS, 0), new Sample(RandomSeries.START_MS + 9, 0)),
                9)
            .getFirst();
    for (long[] times : new long[][] {{-1, 9}, {1, 9}, {0, 8}, {0, 10}}) {
      Chunk bad =
          new Chunk(
              Encoding.XOR,
              RandomSeries.START_MS + times[0],
              RandomSeries.START_MS + times[1],
              good.data());
      try (BlockWriter writer = new BlockWriter(new ForgetfulDisk(), directory, ULID)) {
        writer.symbols(List.of("a", "b").iterator());
        writer.series(Labels.of("a", "b"), List.of(bad));
        writer.finish(0, Long.MAX_VALUE, Compaction.ofHead(ULID));
      }
      Path block = directory.resolve(ULID.toString());
      assertFound(block, "000001", "sample");
      new ForgetfulDisk().delete(block);
    }
  }

  @Test
  void findsChunksOfNoSeries() throws IOException {
    Path block = write(1);
    Path segment = block.resolve("chunks/000001");
    byte[] bytes = Files.readAllBytes(segment);
    Damage.Checked last = Damage.segmentParts(bytes).getLast();
    ByteBuffer longer = ByteBuffer.allocate(bytes.length + 5 + last.end() - last.start() + 4);
    longer.put(bytes).put((byte) 1).put(new byte[6]);
    Files.write(segment, longer.array());
    assertFound(block, "chunks", "the end of 1 segments");
    Files.write(segment, bytes);
    Files.write(
        block.resolve("chunks/000002"),
        new byte[] {(byte) 0x85, (byte) 0xbd, 0x40, (byte) 0xdd, 1, 0, 0, 0});
    assertFound(block, "chunks", "the end of 2 segments");
  }

  @Test
  void findsPostingsThatLackASeriesOrNameAnother() throws IOException {
    Path block = write(1);
    Path file = block.resolve("index");
    byte[] good = Files.readAllBytes(file);
    List<Damage.Checked> parts = Damage.indexParts(good);
    int postings = (int) ByteBuffer.wrap(good).getLong(good.length - 52 + 32);
    int found = 0;
    for (Damage.Checked part : parts.subList(0, parts.size() - 2)) {
      if (part.start() > postings) {
        byte[] bad = good.clone();
        ByteBuffer buffer = ByteBuffer.wrap(bad);
        int last = part.end() - 4;
        buffer.putInt(last, buffer.getInt(last) + 1);
        Files.write(file, Damage.withChecksum(bad, part));
        assertFound(block, "index", "series");
        found++;
      }
    }
    assertThat(found).isGreaterThan(10);
  }

  @Test
  void findsSymbolsOutOfOrder() throws IOException {
    Path block = write(1);
    Path file = block.resolve("index");
    byte[] bytes = Files.readAllBytes(file);
    // The length and the count of symbols, the empty one, the length of the next.
    bytes[SYMBOLS + 4 + 4 + 1 + 1] = 'z';
    Damage.withChecksum(bytes, Damage.indexParts(bytes).getFirst());
    Files.write(file, bytes);
    assertFound(block, "index", "a symbol after");
  }

  @Test
  void findsTombstonesOfOtherSeries() throws IOException {
    Path block = write(1);
    SortedMap<Long, Intervals> foreign = new TreeMap<>();
    foreign.put(1L, Intervals.NONE.with(1, 2));
    Files.delete(block.resolve("tombstones"));
    new Tombstones(foreign).write(new ForgetfulDisk(), block.resolve("tombstones"));
    assertFound(block, "tombstones", "series of this block");
  }

  @Test
  void theChecksumIsOfIndexChunksAndMetaButNotOfTombstones() throws IOException {
    Path path = write(1);
    final byte[] before = BlockChecksum.of(path, bytes -> {});
    try (Block block = Block.open(path)) {
      block.delete(new ForgetfulDisk(), List.of(), 0, Long.MAX_VALUE);
      assertThat(block.meta().stats().tombstones()).isEqualTo(10);
    }
    assertThat(Files.readString(path.resolve("meta.json"))).contains("\"numTombstones\": 10");
    assertThat(BlockChecksum.of(path, bytes -> {})).isEqualTo(before);
    for (String name : List.of("index", "chunks/000001", "meta.json")) {
      byte[] good = Files.readAllBytes(path.resolve(name));
      byte[] bad =
          new String(good, ISO_8859_1).replace("\"level\": 1", "\"level\": 2").getBytes(ISO_8859_1);
      if (!name.equals("meta.json")) {
        bad[bad.length / 2]++;
      }
      Files.write(path.resolve(name), bad);
      assertThat(BlockChecksum.of(path, bytes -> {})).as(name).isNotEqualTo(before);
      Files.write(path.resolve(name), good);
    }
  }
}
