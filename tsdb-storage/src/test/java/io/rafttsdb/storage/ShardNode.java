package io.rafttsdb.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.block.BlockDirectory;
import io.rafttsdb.storage.compact.Compactor;
import io.rafttsdb.storage.file.LocalDisk;
import io.rafttsdb.storage.head.SealedPart;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.Manifest;
import io.rafttsdb.storage.manifest.ManifestPart;
import io.rafttsdb.storage.manifest.OrderedCompaction;
import io.rafttsdb.storage.model.Ulid;
import io.rafttsdb.storage.part.PartBuilder;
import io.rafttsdb.storage.part.PartStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/** One node of a test: an engine on a directory, whose background work happens when chance says. */
final class ShardNode implements AutoCloseable {

  private final Path directory;
  private final SplittableRandom random;
  private final Map<Ulid, BlockFacts> factsOfAll;
  private PartStore store;
  private PartBuilder builder;
  private Tsdb tsdb;

  /**
   * @param factsOfAll facts of each block that any node has built, to compare with
   */
  ShardNode(Path directory, SplittableRandom random, Map<Ulid, BlockFacts> factsOfAll)
      throws IOException {
    this.directory = Files.createDirectories(directory);
    this.random = random;
    this.factsOfAll = factsOfAll;
    Files.createDirectories(blocks());
    openBlocks();
    tsdb = new Tsdb(store);
  }

  private Path blocks() {
    return directory.resolve("blocks");
  }

  private void openBlocks() throws IOException {
    LocalDisk disk = new LocalDisk();
    store =
        PartStore.open(
            new BlockDirectory(blocks(), disk),
            Runnable::run,
            refused -> {
              throw new AssertionError(refused.toString(), refused.reason());
            });
    builder = new PartBuilder(store, new Compactor(disk, blocks(), bytes -> {}), bytes -> {});
  }

  Tsdb tsdb() {
    return tsdb;
  }

  byte[] stateHash() {
    return tsdb.freeze().stateHash();
  }

  boolean hasAll(List<Ulid> ulids) {
    return ulids.stream().allMatch(store::has);
  }

  /** Some of what is to be done, in any order. */
  void background() throws IOException, InterruptedException {
    if (random.nextInt(3) == 0) {
      buildOne();
    }
    if (random.nextInt(3) == 0) {
      forget();
    }
    if (random.nextInt(5) == 0) {
      removeUnneeded();
    }
    if (random.nextInt(25) == 0) {
      restart();
    }
  }

  private void buildOne() throws IOException, InterruptedException {
    Manifest manifest = tsdb.manifest();
    for (SealedPart sealed : tsdb.sealedParts()) {
      Ulid ulid = sealed.range().ulid();
      if (!store.has(ulid)) {
        note(ulid, builder.build(sealed));
        return;
      }
    }
    for (OrderedCompaction ordered : manifest.compactions()) {
      if (!store.has(ordered.result()) && hasAll(ordered.sources())) {
        note(ordered.result(), builder.build(manifest, ordered));
        return;
      }
    }
    for (ManifestPart part : manifest.parts()) {
      List<Ulid> parents = part.parents().stream().map(ManifestPart.Parent::ulid).toList();
      if (!store.has(part.ulid()) && !parents.isEmpty() && hasAll(parents)) {
        note(part.ulid(), builder.rebuild(part));
        return;
      }
    }
  }

  private void note(Ulid ulid, BlockFacts facts) {
    BlockFacts known = factsOfAll.putIfAbsent(ulid, facts);
    if (known != null) {
      assertThat(facts).as("block %s in %s", ulid, directory).isEqualTo(known);
    }
  }

  private void forget() {
    for (SealedPart sealed : tsdb.sealedParts()) {
      if (store.has(sealed.range().ulid())) {
        tsdb.forget(sealed.range().ulid());
      }
    }
  }

  /** Deletes what neither counts nor stands in for what counts nor is to count. */
  private void removeUnneeded() throws IOException {
    Manifest manifest = tsdb.manifest();
    Set<Ulid> needed = new HashSet<>();
    for (ManifestPart part : manifest.parts()) {
      needed.add(part.ulid());
      if (!store.has(part.ulid())) {
        part.parents().forEach(parent -> needed.add(parent.ulid()));
      }
    }
    manifest.compactions().forEach(ordered -> needed.add(ordered.result()));
    for (Ulid ulid : store.names()) {
      if (!needed.contains(ulid)) {
        store.remove(ulid);
      }
    }
  }

  /** Stops and starts again from an image, with the blocks that are in the directory. */
  private void restart() throws IOException {
    Path image = directory.resolve("image");
    tsdb.freeze().writeTo(image);
    store.close();
    openBlocks();
    tsdb = Tsdb.load(image, store);
  }

  @Override
  public void close() {
    store.close();
  }

  @Override
  public String toString() {
    return String.valueOf(directory.getFileName());
  }
}
