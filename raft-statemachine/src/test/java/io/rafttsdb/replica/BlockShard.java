package io.rafttsdb.replica;

import io.rafttsdb.replica.disk.SnapshotDirectory;
import io.rafttsdb.replica.disk.SnapshotManifest;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.block.BlockDirectory;
import io.rafttsdb.storage.compact.Compactor;
import io.rafttsdb.storage.compact.Pace;
import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.head.SealedPart;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.ManifestChange.Accepted;
import io.rafttsdb.storage.model.AppendResult;
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
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.apache.ratis.server.protocol.TermIndex;

/**
 * The engine of a shard with blocks and snapshots, without Raft: a test does what the apply thread
 * and the builders do. For one thread.
 */
final class BlockShard implements AutoCloseable {
  static final UUID CLUSTER = new UUID(3, 4);
  static final long RANGE_MS = Settings.BLOCK_RANGE_DEFAULT_MS;
  private static final long BASE_MS = TestCluster.START_MS / RANGE_MS * RANGE_MS;

  final Path directory;
  final SnapshotDirectory snapshots;
  final PartStore store;
  final SnapshotWriter writer;
  private final PartBuilder builder;
  private Tsdb tsdb;
  private long index;

  private BlockShard(Path directory, Disk disk) throws IOException {
    this.directory = directory;
    Files.createDirectories(directory.resolve("blocks"));
    snapshots = SnapshotDirectory.open(directory.resolve("snapshots"), CLUSTER, disk);
    store =
        PartStore.open(
            new BlockDirectory(directory.resolve("blocks"), disk), Runnable::run, refused -> {});
    writer = new SnapshotWriter(snapshots, CLUSTER, disk);
    builder =
        new PartBuilder(
            store,
            new Compactor(StoppingDisk.never(), directory.resolve("blocks"), Pace.UNBOUNDED),
            bytes -> {});
    LoadedState state = LoadedState.newest(snapshots, store);
    tsdb = state.tsdb();
    index = state.applied().getIndex();
    if (tsdb.settings() == null) {
      tsdb.configure(TestCluster.SETTINGS);
      publish();
    }
  }

  /** Opens a shard as a start does: with the newest snapshot, or empty. */
  static BlockShard open(Path directory) throws IOException {
    return new BlockShard(directory, StoppingDisk.never());
  }

  static BlockShard open(Path directory, Disk disk) throws IOException {
    return new BlockShard(directory, disk);
  }

  Tsdb tsdb() {
    return tsdb;
  }

  TermIndex applied() {
    return TermIndex.valueOf(1, index);
  }

  void replaceBy(LoadedState state) {
    tsdb = state.tsdb();
    index = state.applied().getIndex();
  }

  private void publish() {
    index++;
    tsdb.publish(index);
  }

  private void append(String series, long timestampMs, double value) {
    AppendResult result =
        tsdb.append(
            new SampleBatch.Builder()
                .series(Labels.of("__name__", series))
                .sample(timestampMs, Double.doubleToRawLongBits(value))
                .build());
    if (!result.equals(new AppendResult.Judged(1, 0, 0, List.of()))) {
      throw new AssertionError(result);
    }
    publish();
  }

  /** Fills a block range, of which there may be one only, and cuts it off. */
  Ulid sealed(int range) {
    long fromMs = BASE_MS + range * RANGE_MS;
    for (int i = 0; i < 10; i++) {
      append("a", fromMs + i * RANGE_MS / 10, range + i / 10.0);
    }
    append("clock", fromMs + RANGE_MS + RANGE_MS / 2, 0);
    Ulid ulid = ulid(range);
    if (!(tsdb.cut(fromMs + RANGE_MS, ulid) instanceof CutResult.Sealed)) {
      throw new AssertionError("cut " + range);
    }
    publish();
    return ulid;
  }

  static Ulid ulid(int number) {
    return new Ulid(7, number);
  }

  /** This node's block of a sealed part. */
  BlockFacts build(Ulid ulid) throws IOException, InterruptedException {
    SealedPart part =
        tsdb.sealedParts().stream()
            .filter(each -> each.range().ulid().equals(ulid))
            .findFirst()
            .orElseThrow();
    return builder.build(part);
  }

  /** A majority has it. */
  void built(Ulid ulid, BlockFacts facts) {
    accepted(tsdb.built(ulid, facts));
    publish();
  }

  void forget(Ulid ulid) {
    tsdb.forget(ulid);
    tick();
  }

  /** An entry that changes little. */
  void tick() {
    append("tick" + index, tsdb.stats().maxMs(), 0);
  }

  /** A part whose block is built here and everywhere, and nothing is in memory any more. */
  Ulid block(int range) throws IOException, InterruptedException {
    Ulid ulid = sealed(range);
    built(ulid, build(ulid));
    forget(ulid);
    return ulid;
  }

  void orderCompaction(Ulid result, List<Ulid> sources) {
    accepted(tsdb.compact(result, sources));
    publish();
  }

  BlockFacts buildCompaction(Ulid result) throws IOException, InterruptedException {
    return builder.build(tsdb.manifest(), tsdb.manifest().compaction(result).orElseThrow());
  }

  /** This node's block of a part that was merged elsewhere. */
  void rebuild(Ulid ulid) throws IOException, InterruptedException {
    builder.rebuild(tsdb.manifest().part(ulid).orElseThrow());
  }

  void drop(Ulid ulid) {
    accepted(tsdb.drop(List.of(ulid)));
    publish();
  }

  private static void accepted(Object change) {
    if (!(change instanceof Accepted)) {
      throw new AssertionError(change);
    }
  }

  /** Takes a snapshot of the present state. */
  SnapshotManifest snapshot() throws IOException {
    try (FrozenState frozen = FrozenState.of(tsdb, store, applied(), List.of("node1"))) {
      return writer.write(frozen);
    }
  }

  String stateHash() {
    return HexFormat.of().formatHex(tsdb.freeze().stateHash());
  }

  /** Every sample, as a query has them. */
  List<String> samples() {
    return samples(tsdb);
  }

  private static List<String> samples(Tsdb tsdb) {
    List<String> samples = new ArrayList<>();
    Matcher all = new Matcher(Matcher.Type.EQUAL, "__name__", "a");
    Selection selection = new Selection(List.of(all), Long.MIN_VALUE, Long.MAX_VALUE);
    try (Capture capture = tsdb.select(List.of(selection), 10)) {
      for (SeriesView series : capture.series().getFirst()) {
        for (SampleCursor cursor = series.samples(); cursor.next(); ) {
          samples.add(
              cursor.timestampMs() - BASE_MS + " " + Double.longBitsToDouble(cursor.valueBits()));
        }
      }
    }
    return samples;
  }

  @Override
  public void close() {
    store.close();
  }
}
