package io.rafttsdb.replica;

import io.rafttsdb.command.CommandCodec;
import io.rafttsdb.command.CommandResult;
import io.rafttsdb.command.LogCommand;
import io.rafttsdb.command.UnknownFormat;
import io.rafttsdb.replica.duty.BlockKeeper;
import io.rafttsdb.replica.duty.BlockScrubber;
import io.rafttsdb.replica.duty.LeaderDuties;
import io.rafttsdb.replica.duty.Quorum;
import io.rafttsdb.replica.duty.UlidSource;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.block.BlockChecksum;
import io.rafttsdb.storage.block.BlockDirectory;
import io.rafttsdb.storage.compact.Compactor;
import io.rafttsdb.storage.file.LocalDisk;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.ManifestPart;
import io.rafttsdb.storage.model.ClusterVersions;
import io.rafttsdb.storage.model.Ulid;
import io.rafttsdb.storage.part.PartBuilder;
import io.rafttsdb.storage.part.PartStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** A node of a {@link SimulatedShard}: everything but Ratis, HTTP and threads. */
final class SimulatedNode implements Quorum, AutoCloseable {

  private final SimulatedShard shard;
  private final int number;
  private final Path directory;
  private final SplittableRandom random;
  private final CommandApplier applier = new CommandApplier();
  private PartStore store;
  private Tsdb tsdb;
  private BlockKeeper keeper;
  private BlockScrubber scrubber;
  private LeaderDuties duties;
  private boolean isDamaged;

  /** The image of the newest snapshot, and where its log goes on; 0 before the first. */
  private final TreeMap<Long, Path> images = new TreeMap<>();

  SimulatedNode(SimulatedShard shard, int number, Path directory, SplittableRandom random)
      throws IOException {
    this.shard = shard;
    this.number = number;
    this.directory = Files.createDirectories(directory);
    this.random = random;
    Files.createDirectories(blocks());
    this.store = openStore();
    this.tsdb = new Tsdb(store);
    this.keeper = newKeeper();
    this.scrubber = newScrubber();
    this.duties = newDuties();
  }

  private Path blocks() {
    return directory.resolve("blocks");
  }

  private PartStore openStore() throws IOException {
    return PartStore.open(
        new BlockDirectory(blocks(), new LocalDisk()), Runnable::run, refused -> {});
  }

  /** A pace that now and then ends the work, as a stop of the process does. */
  private BlockKeeper newKeeper() {
    Compactor compactor =
        new Compactor(
            new LocalDisk(),
            blocks(),
            bytes -> {
              if (random.nextInt(200) == 0) {
                throw new InterruptedException("the node stops");
              }
            });
    return new BlockKeeper(
        () -> tsdb,
        store,
        new PartBuilder(store, compactor, bytes -> {}),
        this::fetch,
        shard::nanos);
  }

  private BlockScrubber newScrubber() {
    Compactor none = new Compactor(new LocalDisk(), blocks(), bytes -> {});
    return new BlockScrubber(() -> tsdb, store, new PartBuilder(store, none, bytes -> {}), keeper);
  }

  private LeaderDuties newDuties() {
    return new LeaderDuties(
        () -> tsdb,
        store,
        keeper,
        this,
        SimulatedShard.policy(),
        new UlidSource(shard.clock(), random));
  }

  /** Copies a block of another node that has the right one. */
  private boolean fetch(Ulid ulid, BlockFacts facts) throws IOException {
    for (SimulatedNode other : shard.nodes()) {
      if (other != this && other.hasSound(ulid, facts)) {
        Path target = store.directory().of(ulid);
        copy(other.store.directory().of(ulid), target);
        store.add(ulid);
        shard.count("fetched");
        return true;
      }
    }
    return false;
  }

  /** As a node finds out before it gives a block away, or the one that gets it. */
  private boolean hasSound(Ulid ulid, BlockFacts facts) {
    Compactor none = new Compactor(new LocalDisk(), blocks(), bytes -> {});
    try {
      return store.has(ulid)
          && new PartBuilder(store, none, bytes -> {}).factsOf(ulid).equals(facts);
    } catch (IOException e) {
      return false;
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> tree = Files.walk(from)) {
      for (Path each : tree.toList()) {
        Files.copy(each, to.resolve(from.relativize(each)));
      }
    }
  }

  Tsdb tsdb() {
    return tsdb;
  }

  /** Index of the last applied entry, from 0 on; -1 before. */
  long applied() {
    return tsdb.publishedIndex();
  }

  AppliedEntry applyNext() throws UnknownFormat {
    long index = applied() + 1;
    return applier.apply(tsdb, index, CommandCodec.decode(shard.entry(index)));
  }

  /** One step of the work behind; a stop in the midst of it is a restart. */
  void work() throws IOException {
    try {
      boolean _ = keeper.step();
    } catch (InterruptedException e) {
      shard.count("killed while building");
      restart();
    }
  }

  /** Reads the next block through. */
  boolean scrub() throws InterruptedException {
    return scrubber.step();
  }

  /** Whether a query may be refused, since a bit of a block was flipped at some time. */
  boolean isDamaged() {
    return isDamaged;
  }

  /** Whether it lacks a block made of merged ones: those that went into them are known no more. */
  boolean isBehindByTwo() {
    return tsdb.manifest().parts().stream()
        .anyMatch(part -> part.level() > 2 && !store.has(part.ulid()));
  }

  void lead() throws InterruptedException {
    duties.round();
  }

  void snapshot() throws IOException {
    Path image = directory.resolve("image-" + applied());
    byte[] _ = tsdb.freeze().writeTo(image);
    images.put(applied(), image);
  }

  /** The process is killed and starts again. */
  void restart() throws IOException {
    store.close();
    store = openStore();
    tsdb = images.isEmpty() ? new Tsdb(store) : Tsdb.load(images.lastEntry().getValue(), store);
    keeper = newKeeper();
    scrubber = newScrubber();
    duties = newDuties();
  }

  /** Flips a bit of some block's file. */
  void damage() throws IOException {
    List<Ulid> names = store.names();
    if (names.isEmpty()) {
      return;
    }
    Path block = store.directory().of(names.get(random.nextInt(names.size())));
    Path file = block.resolve(random.nextBoolean() ? "index" : "chunks/000001");
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      long place = random.nextLong(channel.size());
      int _ = channel.read(one, place);
      one.put(0, (byte) (one.get(0) ^ 1 << random.nextInt(8)));
      int _ = channel.write(one.rewind(), place);
      isDamaged = true;
      shard.count("damaged");
    }
  }

  String stateHash() {
    return HexFormat.of().formatHex(tsdb.freeze().stateHash());
  }

  /** Checksums of all blocks that the manifest names, by name; those that lack are left out. */
  Map<Ulid, String> checksums() throws IOException {
    Map<Ulid, String> checksums = new TreeMap<>();
    for (ManifestPart part : tsdb.manifest().parts()) {
      if (store.has(part.ulid())) {
        Path block = store.directory().of(part.ulid());
        checksums.put(part.ulid(), HexFormat.of().formatHex(BlockChecksum.of(block, bytes -> {})));
      }
    }
    return checksums;
  }

  @Override
  public boolean leads() {
    return shard.leader() == this && applied() == shard.lastIndex();
  }

  @Override
  public int voters() {
    return shard.nodes().size();
  }

  /** Of those that answer. */
  @Override
  public OptionalInt knownVersion() {
    return OptionalInt.of(ClusterVersions.KNOWN);
  }

  @Override
  public List<Map<Ulid, BlockFacts>> reports() {
    List<Map<Ulid, BlockFacts>> reports = new ArrayList<>();
    for (SimulatedNode other : shard.nodes()) {
      if (other != this && random.nextInt(4) > 0) {
        reports.add(other.keeper.pendingFacts());
      }
    }
    return reports;
  }

  @Override
  public CompletableFuture<CommandResult> propose(LogCommand command) {
    shard.append(CommandCodec.encode(command));
    try {
      CommandResult result = applyNext().command();
      if (result instanceof CommandResult.Done) {
        shard.count(command.getClass().getSimpleName());
      }
      return CompletableFuture.completedFuture(result);
    } catch (UnknownFormat e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public String toString() {
    return "node" + number + " at " + applied();
  }

  @Override
  public void close() {
    store.close();
  }
}
