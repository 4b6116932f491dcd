package io.rafttsdb.storage.spill;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.chunk.Encoding;
import io.rafttsdb.storage.file.LocalDisk;
import io.rafttsdb.storage.spill.RandomChunks.Owned;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file of format version 1, as it was written once, opens for ever and is written the same. */
class GoldenSpillTest {

  private static final List<Owned> CHUNKS =
      List.of(
          new Owned(1, chunk(Encoding.XOR, 1_700_000_000_000L, 1_700_001_785_000L, "first")),
          new Owned(2, chunk(Encoding.HISTOGRAM, -60_000, 0, "x".repeat(130))),
          new Owned(Long.MAX_VALUE, chunk(Encoding.FLOAT_HISTOGRAM, 0, 0, "é!")));

  private static final List<Long> PLACES = List.of(0x2_0000_0010L, 0x2_0000_0033L, 0x2_0000_00f2L);

  @TempDir private Path directory;

  private static Chunk chunk(Encoding encoding, long minMs, long maxMs, String data) {
    return new Chunk(encoding, minMs, maxMs, data.getBytes(StandardCharsets.UTF_8));
  }

  private Path resource(Path file) throws IOException {
    try (InputStream in = GoldenSpillTest.class.getResourceAsStream("chunks-head-v1.bin")) {
      Files.copy(Objects.requireNonNull(in), file);
    }
    return file;
  }

  @Test
  void theSameChunksAreTheSameFile() throws IOException {
    Files.createFile(directory.resolve("000001")); // so that the number is seen
    List<Long> places = new ArrayList<>();
    try (SpillFiles files =
        SpillFiles.open(new LocalDisk(), directory, 1 << 20, Runnable::run).files()) {
      for (Owned owned : CHUNKS) {
        places.add(files.append(owned.seriesRef(), owned.chunk()));
        if (places.size() == 2) {
          files.force();
        }
      }
      files.rotate();
    }
    assertThat(directory.resolve("000002"))
        .hasSameBinaryContentAs(resource(directory.resolve("golden")));
    assertThat(places).isEqualTo(PLACES);
  }

  @Test
  void theFileOpens() throws IOException {
    Path file = resource(directory.resolve("000002"));
    try (SpillFiles files =
        SpillFiles.open(new LocalDisk(), directory, 1 << 20, Runnable::run).files()) {
      for (int i = 0; i < CHUNKS.size(); i++) {
        CHUNKS.get(i).assertIs(files.read(PLACES.get(i)));
      }
    }
    List<Long> found = new ArrayList<>();
    SpillScan.ended(file, bytes -> {}, chunk -> found.add(chunk.place()));
    assertThat(found).isEqualTo(PLACES);
  }
}
