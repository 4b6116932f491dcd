package io.rafttsdb.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.rafttsdb.storage.block.BlockDirectory;
import io.rafttsdb.storage.block.Promtool;
import io.rafttsdb.storage.compact.Compactor;
import io.rafttsdb.storage.compact.StockPrometheus;
import io.rafttsdb.storage.file.LocalDisk;
import io.rafttsdb.storage.head.SealedPart;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real scrapes through the whole engine, and out of it again as a directory for Prometheus. */
final class BlockExportTest {

  private static final long RANGE_MS = 5 * 60_000;

  @TempDir private Path directory;
  private SortedMap<Labels, SortedMap<Long, Long>> recorded;
  private PartStore store;
  private PartBuilder builder;
  private Tsdb tsdb;
  private long index;

  @BeforeEach
  void open() throws IOException {
    recorded = RecordedScrapes.read();
    Path blocks = Files.createDirectory(directory.resolve("blocks"));
    LocalDisk disk = new LocalDisk();
    store =
        PartStore.open(
            new BlockDirectory(blocks, disk),
            Runnable::run,
            refused -> {
              throw new AssertionError(refused.toString(), refused.reason());
            });
    builder = new PartBuilder(store, new Compactor(disk, blocks, bytes -> {}), bytes -> {});
    tsdb = new Tsdb(store);
    tsdb.configure(new Settings(RANGE_MS, 0));
    tsdb.publish(++index);
  }

  @AfterEach
  void close() {
    store.close();
  }

  /** Scrape by scrape; what is old enough becomes blocks, of which two are merged. */
  private void fill() throws IOException, InterruptedException {
    SortedMap<Long, SampleBatch.Builder> scrapes = new TreeMap<>();
    recorded.forEach((labels, samples) ->
        samples.forEach((timestampMs, bits) ->
            scrapes
                .computeIfAbsent(timestampMs, t -> new SampleBatch.Builder())
                .series(labels)
                .sample(timestampMs, bits)));
    List<Ulid> built = new ArrayList<>();
    for (SampleBatch.Builder scrape : scrapes.values()) {
      tsdb.append(scrape.build());
      tsdb.publish(++index);
      long upToMs = Math.floorDiv(tsdb.stats().maxMs() - RANGE_MS / 2, RANGE_MS) * RANGE_MS;
      Ulid ulid = new Ulid(index, 1);
      if (tsdb.cut(upToMs, ulid) instanceof CutResult.Sealed(var ranges) && !ranges.isEmpty()) {
        tsdb.publish(++index);
        SealedPart sealed = tsdb.sealedParts().getLast();
        var facts = builder.build(sealed);
        assertThat(tsdb.built(ulid, facts)).isInstanceOf(ManifestChange.Accepted.class);
        if (built.size() < 3) {
          tsdb.forget(ulid); // later ones are exported from memory
        }
        built.add(ulid);
        tsdb.publish(++index);
      }
    }
    Ulid merged = new Ulid(++index, 2);
    assertThat(tsdb.compact(merged, built.subList(0, 2)))
        .isInstanceOf(ManifestChange.Accepted.class);
    tsdb.publish(index);
    var ordered = tsdb.manifest().compaction(merged).orElseThrow();
    tsdb.built(merged, builder.build(tsdb.manifest(), ordered));
    tsdb.publish(++index);
  }

  private Path export(Optional<Ulid> head) throws IOException, InterruptedException {
    Path export = Files.createDirectory(directory.resolve("export"));
    List<Ulid> names = tsdb.freeze().writeBlocks(new LocalDisk(), export, store, head, bytes -> {});
    assertThat(new BlockDirectory(export, new LocalDisk()).list())
        .containsExactlyInAnyOrderElementsOf(names);
    return export;
  }

  private static List<Promtool> promtools() {
    List<Promtool> all = Promtool.all();
    if (all.isEmpty()) {
      System.out.println(Promtool.NONE);
    }
    assumeTrue(!all.isEmpty(), Promtool.NONE);
    return all;
  }

  @Test
  void promtoolDumpsExactlyWhatWasScraped() throws Exception {
    List<Promtool> promtools = promtools();
    fill();
    Path export = export(Optional.of(new Ulid(++index, 3)));
    Files.createDirectory(export.resolve("wal")); // the dump of 2.42 wants one
    SortedMap<String, Double> expected = new TreeMap<>();
    recorded.forEach((labels, samples) ->
        samples.forEach((timestampMs, bits) ->
            expected.put(labels + " " + timestampMs, Double.longBitsToDouble(bits))));
    for (Promtool promtool : promtools) {
      SortedMap<String, Double> dumped = new TreeMap<>();
      promtool
          .run(directory, "tsdb", "dump", export.toString())
          .lines()
          .forEach(line -> {
            int time = line.lastIndexOf(' ');
            int value = line.lastIndexOf(' ', time - 1);
            String number = line.substring(value + 1, time).replace("Inf", "Infinity");
            dumped.put(line.substring(0, value) + line.substring(time), Double.parseDouble(number));
          });
      assertThat(dumped.size()).isEqualTo(expected.size());
      assertThat(dumped.equals(expected)).as("dump of %s", promtool).isTrue();
    }
  }

  @Test
  void aStockPrometheusAnswersFromTheExport() throws Exception {
    List<Promtool> promtools = promtools();
    fill();
    Path export = export(Optional.of(new Ulid(++index, 3)));
    long newestMs = tsdb.stats().maxMs();
    for (Promtool promtool : promtools) {
      Path copy = Files.createTempDirectory(directory, "copy");
      copyTree(export, copy);
      try (StockPrometheus prometheus =
          StockPrometheus.start(promtool.program().resolveSibling("prometheus"), copy)) {
        var answered = prometheus.query("{job=\"node\"}[2h]", newestMs / 1000.0);
        assertThat(answered.keySet()).isEqualTo(recorded.keySet());
        answered.forEach((labels, samples) -> {
          SortedMap<Long, Double> numbers = new TreeMap<>();
          samples.forEach(
              (t, text) -> numbers.put(t, Double.parseDouble(text.replace("Inf", "Infinity"))));
          SortedMap<Long, Double> expected = new TreeMap<>();
          Objects.requireNonNull(recorded.get(labels))
              .forEach((t, bits) -> expected.put(t, Double.longBitsToDouble(bits)));
          assertThat(numbers).as("%s", labels).isEqualTo(expected);
        });
      }
    }
  }

  @Test
  void theHeadCanBeLeftOut() throws Exception {
    fill();
    Path export = export(Optional.empty());
    try (PartStore exported =
        PartStore.open(new BlockDirectory(export, new LocalDisk()), Runnable::run, refused -> {})) {
      assertThat(exported.names())
          .isEqualTo(tsdb.manifest().parts().stream().map(part -> part.ulid()).sorted().toList());
    }
  }

  private static void copyTree(Path from, Path to) throws IOException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(from)) {
      files = walk.toList();
    }
    for (Path file : files) {
      Path target = to.resolve(from.relativize(file));
      if (Files.isDirectory(file)) {
        Files.createDirectories(target);
      } else {
        Files.copy(file, target);
      }
    }
  }
}
