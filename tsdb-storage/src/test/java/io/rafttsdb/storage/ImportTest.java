package io.rafttsdb.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.block.Block;
import io.rafttsdb.storage.block.BlockDirectory;
import io.rafttsdb.storage.block.BlockMeta;
import io.rafttsdb.storage.block.Lease;
import io.rafttsdb.storage.compact.Compactor;
import io.rafttsdb.storage.compact.Pace;
import io.rafttsdb.storage.file.LocalDisk;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.ManifestChange;
import io.rafttsdb.storage.manifest.ManifestChange.Accepted;
import io.rafttsdb.storage.manifest.ManifestChange.Refused;
import io.rafttsdb.storage.manifest.ManifestPart;
import io.rafttsdb.storage.model.AppendResult;
import io.rafttsdb.storage.model.AppendResult.Reason;
import io.rafttsdb.storage.model.Capture;
import io.rafttsdb.storage.model.CutResult;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Matcher;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.Selection;
import io.rafttsdb.storage.model.SeriesView;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
import io.rafttsdb.storage.part.PartBuilder;
import io.rafttsdb.storage.part.PartStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A state goes out as blocks and comes into another engine, which goes on from there. */
final class ImportTest {

  private static final long R = 1000 * 60;
  private static final Ulid HEAD = new Ulid(9, 9);

  @TempDir private Path root;
  private final List<Node> nodes = new ArrayList<>();

  @AfterEach
  void close() throws IOException {
    for (Node node : nodes) {
      node.tsdb.close();
      node.store.close();
    }
  }

  /** An engine with blocks of its own. */
  private final class Node {
    final Path directory;
    final PartStore store;
    final PartBuilder builder;
    Tsdb tsdb;
    long index;

    Node(String name, Settings settings) throws IOException {
      directory = root.resolve(name);
      Path blocks = Files.createDirectories(directory.resolve("blocks"));
      LocalDisk disk = new LocalDisk();
      store =
          PartStore.open(
              new BlockDirectory(blocks, disk),
              Runnable::run,
              refused -> {
                throw new AssertionError(refused.toString(), refused.reason());
              });
      builder = new PartBuilder(store, new Compactor(disk, blocks, Pace.UNBOUNDED), bytes -> {});
      tsdb = new Tsdb(store);
      tsdb.configure(settings);
      publish();
      nodes.add(this);
    }

    void publish() {
      tsdb.publish(++index);
    }

    AppendResult append(String series, long timestampMs, double value) {
      AppendResult result =
          tsdb.append(
              new SampleBatch.Builder()
                  .series(Labels.of("__name__", series))
                  .sample(timestampMs, Double.doubleToRawLongBits(value))
                  .build());
      publish();
      return result;
    }

    void stored(String series, long timestampMs, double value) {
      assertThat(append(series, timestampMs, value))
          .isEqualTo(new AppendResult.Judged(1, 0, 0, List.of()));
    }

    void refused(String series, long timestampMs, double value, Reason reason) {
      assertThat(append(series, timestampMs, value))
          .isInstanceOfSatisfying(
              AppendResult.Judged.class,
              judged -> {
                assertThat(judged.stored()).isZero();
                assertThat(judged.refused()).allMatch(each -> each.reason() == reason).hasSize(1);
              });
    }

    void cut(long upToMs) throws IOException, InterruptedException {
      Ulid ulid = new Ulid(1, upToMs);
      assertThat(tsdb.cut(upToMs, ulid)).isInstanceOf(CutResult.Sealed.class);
      publish();
      BlockFacts facts = builder.build(tsdb.sealedParts().getLast());
      assertThat(tsdb.built(ulid, facts)).isInstanceOf(Accepted.class);
      tsdb.forget(ulid);
      publish();
    }

    List<String> samples() {
      TreeMap<String, String> samples = new TreeMap<>();
      Selection all = new Selection(List.of(), Long.MIN_VALUE, Long.MAX_VALUE);
      try (Capture capture = tsdb.select(List.of(all), 100)) {
        for (SeriesView series : capture.series().getFirst()) {
          for (SampleCursor cursor = series.samples(); cursor.next(); ) {
            samples.put(
                series.labels() + " " + cursor.timestampMs(),
                "" + Double.longBitsToDouble(cursor.valueBits()));
          }
        }
      }
      return samples.entrySet().stream().map(Object::toString).toList();
    }

    Path export(Optional<Ulid> head) throws IOException, InterruptedException {
      Path export = Files.createDirectory(directory.resolve("export"));
      try (FrozenTsdb frozen = tsdb.freeze()) {
        List<Ulid> _ = frozen.writeBlocks(new LocalDisk(), export, store, head, Pace.UNBOUNDED);
      }
      return export;
    }

    BlockFacts rewrite(Path block) throws IOException, InterruptedException {
      try (Block open = Block.open(block);
          Lease lease = open.acquire()) {
        BlockMeta meta = open.meta();
        return builder.rewrite(meta.ulid(), meta, lease.block());
      }
    }

    ManifestChange enter(Path block, BlockFacts facts) throws IOException {
      try (Block open = Block.open(block)) {
        ManifestChange change =
            tsdb.importBlock(open.meta().ulid(), open.meta().minMs(), open.meta().endMs(), facts);
        publish();
        return change;
      }
    }

    void importAll(Path export) throws IOException, InterruptedException {
      for (Ulid ulid : new BlockDirectory(export, new LocalDisk()).list()) {
        Path block = export.resolve(ulid.toString());
        assertThat(enter(block, rewrite(block))).isInstanceOf(Accepted.class);
      }
    }

    byte[] stateHash() {
      try (FrozenTsdb frozen = tsdb.freeze()) {
        return frozen.stateHash();
      }
    }
  }

  /** Two blocks, a delete on them, the Head, and in it samples out of order. */
  private Node source(long windowMs) throws IOException, InterruptedException {
    Node node = new Node("source", new Settings(R, windowMs));
    for (int i = 0; i < 40; i++) {
      node.stored("a", i * R / 10, i);
      node.stored("b", i * R / 10, -i);
      if (i == 20 || i == 30) {
        node.cut((i / 10 - 1) * R);
      }
    }
    Matcher b = new Matcher(Matcher.Type.EQUAL, "__name__", "b");
    assertThat(node.tsdb.delete(List.of(b), 0, R / 2)).isInstanceOf(Accepted.class);
    node.publish();
    return node;
  }

  @Test
  void whatIsOutOfOrderInTheHeadIsExported() throws Exception {
    Node source = source(10 * R);
    source.stored("late", R / 2 + 1, 7);
    Path export = source.export(Optional.of(HEAD));
    try (PartStore exported =
            PartStore.open(
                new BlockDirectory(export, new LocalDisk()), Runnable::run, refused -> {});
        Lease head = exported.acquire(HEAD).orElseThrow()) {
      assertThat(
              head.block()
                  .select(List.of(new Matcher(Matcher.Type.EQUAL, "__name__", "late")), 0, R, 10))
          .hasSize(1);
    }
  }

  @Test
  void aRestoredEngineHasTheSamplesAndGoesOn() throws Exception {
    for (long windowMs : List.of(0L, R)) {
      Node source = windowMs == 0 ? source(0) : new Node("w", new Settings(R, windowMs));
      if (windowMs > 0) {
        source.stored("a", 39 * R / 10, 39);
      }
      Path export = source.export(Optional.of(HEAD));
      long newestMs = source.tsdb.stats().maxMs();
      Node target = new Node("target" + windowMs, new Settings(R, windowMs));
      assertThat(target.tsdb.restore(newestMs + 1, newestMs)).isInstanceOf(Accepted.class);
      target.publish();
      target.importAll(export);
      assertThat(target.samples()).isEqualTo(source.samples()).isNotEmpty();

      Reason old = windowMs == 0 ? Reason.OUT_OF_BOUNDS : Reason.TOO_OLD;
      target.refused("a", newestMs - 3 * R, 0, old);
      if (windowMs == 0) {
        target.refused("a", newestMs, 39, old); // even the very same
      }
      target.stored("a", newestMs + 1, 1);
      target.stored("c", newestMs + 1, 1);
      target.stored("a", newestMs + 3 * R, 1);
      target.cut(Math.floorDiv(newestMs, R) * R + R);
      target.stored("a", newestMs + 4 * R, 1);
      assertThat(target.samples()).hasSize(source.samples().size() + 4);
    }
  }

  @Test
  void theImageOfARestoredEngineIsTheSame() throws Exception {
    Node target = new Node("target", new Settings(R, R));
    assertThat(target.tsdb.restore(R + 7, R)).isInstanceOf(Accepted.class);
    target.publish();
    Path image = root.resolve("image");
    try (FrozenTsdb frozen = target.tsdb.freeze()) {
      byte[] _ = frozen.writeTo(image);
    }
    try (Tsdb loaded = Tsdb.load(image)) {
      assertThat(loaded.sealedUpToMs()).isEqualTo(R + 7);
      assertThat(loaded.stats()).isEqualTo(target.tsdb.stats());
      try (FrozenTsdb frozen = loaded.freeze()) {
        assertThat(frozen.stateHash()).isEqualTo(target.stateHash());
      }
    }
    target.stored("a", R + 7, 1);
    target.refused("a", R - 1 - R, 1, Reason.TOO_OLD);
  }

  @Test
  void restoringIsForAnEmptyPast() throws Exception {
    Tsdb without = new Tsdb();
    assertThat(without.restore(10, 9)).isInstanceOf(Refused.class);
    Node target = new Node("target", new Settings(R, 0));
    assertThat(target.tsdb.restore(10, 10)).isInstanceOf(Refused.class);
    target.stored("newer", 5 * R, 1);
    byte[] before = target.stateHash();
    assertThat(target.tsdb.restore(5 * R + 1, 5 * R)).isInstanceOf(Refused.class);
    target.publish();
    assertThat(target.stateHash()).isEqualTo(before);
    assertThat(target.tsdb.restore(5 * R, 5 * R - 1)).isInstanceOf(Accepted.class);
    target.publish();
    assertThat(target.tsdb.stats().maxMs()).isEqualTo(5 * R);
    byte[] restored = target.stateHash();
    assertThat(target.tsdb.restore(5 * R, 5 * R - 1)).isInstanceOf(Accepted.class);
    target.publish();
    assertThat(target.stateHash()).isEqualTo(restored);
    assertThat(target.tsdb.restore(4 * R, 4 * R - 1)).isInstanceOf(Refused.class);
    target.publish();

    Node used = source(0);
    assertThat(used.tsdb.restore(R, R - 1)).isInstanceOf(Refused.class);
    used.publish();
  }

  @Test
  void anImportIsDoneOnceAndLosesToWhatWasThere() throws Exception {
    Node source = source(0);
    Path export = source.export(Optional.of(HEAD));
    Node target = new Node("target", new Settings(R, 0));
    Path first = export.resolve(new BlockDirectory(export, new LocalDisk()).list().getFirst() + "");
    BlockFacts facts = target.rewrite(first);
    assertThat(target.enter(first, facts)).isInstanceOf(Refused.class); // nothing was cut off

    target.stored("a", 0, 100);
    target.stored("a", 3 * R, 100);
    target.cut(2 * R);
    byte[] before = target.stateHash();
    assertThat(target.enter(export.resolve(HEAD.toString()), facts)).isInstanceOf(Refused.class);
    assertThat(target.stateHash()).isEqualTo(before);
    assertThat(target.enter(first, facts)).isInstanceOf(Accepted.class);
    assertThat(target.tsdb.manifest().parts().getLast().origin())
        .isEqualTo(ManifestPart.Origin.IMPORT);
    assertThat(target.samples()).contains("{__name__=\"a\"} 0=100.0");
    assertThat(target.samples()).contains("{__name__=\"a\"} 6000=1.0");
    byte[] imported = target.stateHash();
    assertThat(target.enter(first, facts)).isInstanceOf(Accepted.class);
    assertThat(target.stateHash()).isEqualTo(imported);
    BlockFacts others = new BlockFacts(facts.checksum(), facts.sizeBytes() + 1, 1, 1, 1);
    assertThat(target.enter(first, others)).isInstanceOf(Refused.class);

    List<Ulid> all = target.tsdb.manifest().parts().stream().map(ManifestPart::ulid).toList();
    Ulid merged = new Ulid(5, 5);
    assertThat(target.tsdb.compact(merged, all)).isInstanceOf(Accepted.class);
    target.publish();
    var ordered = target.tsdb.manifest().compaction(merged).orElseThrow();
    target.tsdb.built(merged, target.builder.build(target.tsdb.manifest(), ordered));
    target.publish();
    List<String> samples = target.samples();
    assertThat(target.enter(first, facts)).isInstanceOf(Accepted.class); // it is in there
    assertThat(target.samples()).isEqualTo(samples);
    assertThat(target.tsdb.manifest().parts()).hasSize(1);
  }

  @Test
  void whatWasDeletedBeforeDoesNotComeBackAndALaterDeleteCounts() throws Exception {
    Node source = source(0);
    Path export = source.export(Optional.of(HEAD));
    long newestMs = source.tsdb.stats().maxMs();
    Node target = new Node("target", new Settings(R, 0));
    assertThat(target.tsdb.restore(newestMs + 1, newestMs)).isInstanceOf(Accepted.class);
    Matcher a = new Matcher(Matcher.Type.EQUAL, "__name__", "a");
    assertThat(target.tsdb.delete(List.of(a), 0, 10 * R)).isInstanceOf(Accepted.class);
    target.publish();
    target.importAll(export);
    assertThat(target.samples()).isEqualTo(source.samples());
    assertThat(target.samples()).noneMatch(each -> each.startsWith("{__name__=\"b\"} 0="));
    assertThat(target.tsdb.delete(List.of(a), 0, 10 * R)).isInstanceOf(Accepted.class);
    target.publish();
    assertThat(target.samples()).noneMatch(each -> each.contains("\"a\"")).isNotEmpty();
  }
}
