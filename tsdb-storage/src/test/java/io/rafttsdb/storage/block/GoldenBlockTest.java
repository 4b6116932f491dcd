package io.rafttsdb.storage.block;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.block.RandomSeries.Sample;
import io.rafttsdb.storage.file.ForgetfulDisk;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Samples;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A block as writer version 1 wrote it once opens for ever and is written the same. */
class GoldenBlockTest {

  private static final Ulid ULID = Ulid.parse("01HF7XKM000000000000G01DEN");
  private static final String CHECKSUM =
      "90910146008713a040fd020a190d6ad90e3c149664d267aa775ee61d62032a36";

  private static final List<String> FILES =
      List.of("meta.json", "index", "tombstones", "chunks/000001", "chunks/000002");

  @TempDir private Path directory;

  private static SortedMap<Labels, List<Sample>> series() {
    List<Sample> counter = new ArrayList<>();
    List<Sample> up = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      long timestampMs = RandomSeries.START_MS + i * 15_000L;
      counter.add(new Sample(timestampMs, Double.doubleToRawLongBits(i * 3)));
      if (i % 50 == 0) {
        up.add(
            new Sample(timestampMs + 1, i == 350 ? Samples.STALE : Double.doubleToRawLongBits(1)));
      }
    }
    SortedMap<Labels, List<Sample>> series = new TreeMap<>();
    series.put(Labels.of("__name__", "requests_total", "job", "api"), counter);
    series.put(Labels.of("__name__", "up", "job", "\u00e9"), up);
    series.put(Labels.of("__name__", "up", "job", "\ud83d\ude00"), up);
    series.put(Labels.of("job", "without a name"), up);
    return series;
  }

  private Path golden() throws IOException {
    Path block = directory.resolve(ULID.toString());
    Files.createDirectories(block.resolve("chunks"));
    for (String name : FILES) {
      try (InputStream in = GoldenBlockTest.class.getResourceAsStream("golden-v1/" + name)) {
        Files.copy(Objects.requireNonNull(in, name), block.resolve(name));
      }
    }
    return block;
  }

  @Test
  void theSameSeriesAreTheSameFiles() throws IOException {
    Path other = Files.createDirectory(directory.resolve("written"));
    Path written = RandomSeries.write(new ForgetfulDisk(), other, ULID, series(), 500);
    Path golden = golden();
    for (String name : FILES) {
      assertThat(Files.mismatch(written.resolve(name), golden.resolve(name)))
          .as(name)
          .isEqualTo(-1);
    }
    assertThat(written.resolve("chunks/000003")).doesNotExist();
  }

  @Test
  void theFilesOpen() throws IOException {
    Path golden = golden();
    BlockVerifier.verify(golden, bytes -> {});
    try (Block block = Block.open(golden);
        Lease lease = block.acquire()) {
      assertThat(BlockTest.all(lease.block())).isEqualTo(series());
    }
    assertThat(HexFormat.of().formatHex(BlockChecksum.of(golden, bytes -> {}))).isEqualTo(CHECKSUM);
  }
}
