package io.rafttsdb.replica;

import io.rafttsdb.replica.disk.SnapshotBlock;
import io.rafttsdb.replica.disk.SnapshotDirectory;
import io.rafttsdb.replica.disk.SnapshotFile;
import io.rafttsdb.replica.disk.SnapshotManifest;
import io.rafttsdb.storage.ChunksHead;
import io.rafttsdb.storage.FrozenTsdb;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.Digest;
import io.rafttsdb.storage.manifest.ManifestPart;
import io.rafttsdb.storage.model.Ulid;
import io.rafttsdb.storage.part.BlockFiles;
import io.rafttsdb.storage.part.PartStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a leader's snapshot one of this node: of its blocks only those come over the network that
 * this node lacks, from any node that has them; its other files come from the leader. Two rounds,
 * so that the leader has to keep a snapshot for a short time only:
 *
 * <ol>
 *   <li>blocks by the leader's newest manifest, whatever becomes of that snapshot meanwhile;
 *   <li>the newest snapshot is pinned; its other files, and the few blocks that are new in it.
 * </ol>
 *
 * <p>Whatever came stays in {@code incoming/} until the snapshot is published, so that a pull that
 * breaks off, or a node that dies, goes on where it was. One at a time; others wait.
 */
final class SnapshotPull {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotPull.class);

  private static final String TEMPORARY_NAME = "install";
  private static final String FILES_PREFIX = "snapshot-";

  private final SnapshotSource source;
  private final SnapshotDirectory snapshots;
  private final PartStore store;
  private final ChunksHead chunks;
  private final BlockPuller blocks;
  private final FilePull files;
  private final BlockSweeper sweeper;
  private final Path incoming;
  private final Disk disk;

  /** Of blocks that had to be read, so that no round reads them again. */
  private final Map<Ulid, Digest> read = new HashMap<>();

  private final ReentrantLock alone = new ReentrantLock();
  private final LongAdder skippedBytes = new LongAdder();

  SnapshotPull(
      SnapshotSource source,
      SnapshotDirectory snapshots,
      PartStore store,
      ChunksHead chunks,
      BlockPuller blocks,
      FilePull files,
      BlockSweeper sweeper,
      Path incoming,
      Disk disk) {
    this.source = source;
    this.snapshots = snapshots;
    this.store = store;
    this.chunks = chunks;
    this.blocks = blocks;
    this.files = files;
    this.sweeper = sweeper;
    this.incoming = incoming;
    this.disk = disk;
  }

  /**
   * Pulls and publishes the leader's newest snapshot.
   *
   * @param peers all other nodes, in the order in which they are asked for blocks
   * @param firstIndex of the leader's log: the snapshot must reach up to the entry before it
   * @param present the engine that it will replace
   */
  LoadedState pull(Member leader, List<Member> peers, long firstIndex, Tsdb present)
      throws IOException, InterruptedException {
    alone.lockInterruptibly();
    try {
      return pullAlone(leader, peers, firstIndex, present);
    } finally {
      alone.unlock();
    }
  }

  private LoadedState pullAlone(Member leader, List<Member> peers, long firstIndex, Tsdb present)
      throws IOException, InterruptedException {
    pullAhead(leader, peers, present);
    SnapshotManifest manifest = SnapshotManifest.decode(source.pinSnapshot(leader));
    snapshots.requireOwn(manifest);
    if (manifest.index() + 1 < firstIndex) {
      throw new IOException(
          "snapshot " + manifest.name() + " ends before the leader's log begins at " + firstIndex);
    }
    sweeper.keep(manifest.blocks().stream().map(SnapshotBlock::ulid).toList(), manifest.index());
    // Files before blocks: they alone are nowhere else, should the pin not last.
    Path pulled = pullFiles(leader, manifest);
    List<SnapshotBlock> lacking = lacking(manifest, present);
    for (SnapshotBlock block : lacking) {
      Path _ = blocks.fetch(block.ulid(), block.checksum(), block.sizeBytes(), peers);
    }
    skippedBytes.add(
        manifest.blocks().stream()
            .filter(block -> !lacking.contains(block))
            .mapToLong(SnapshotBlock::sizeBytes)
            .sum());
    LoadedState state = publish(manifest, pulled, lacking);
    deleteFilesBut(Optional.empty());
    read.clear();
    LOG.info(
        "received snapshot {} from {}: {} of {} blocks came over the network",
        manifest.name(),
        leader.name(),
        lacking.size(),
        manifest.blocks().size());
    return state;
  }

  /** The first round: what can't be had now is the second one's matter. */
  private void pullAhead(Member leader, List<Member> peers, Tsdb present)
      throws IOException, InterruptedException {
    SnapshotManifest manifest = SnapshotManifest.decode(source.snapshotManifest(leader));
    snapshots.requireOwn(manifest);
    sweeper.keep(manifest.blocks().stream().map(SnapshotBlock::ulid).toList(), manifest.index());
    for (SnapshotBlock block : lacking(manifest, present)) {
      try {
        Path _ = blocks.fetch(block.ulid(), block.checksum(), block.sizeBytes(), peers);
      } catch (IOException e) {
        LOG.warn("block {} is not to be had ahead: {}", block.ulid(), e.toString());
      }
    }
  }

  /** The blocks of which this node has not the right bytes. */
  private List<SnapshotBlock> lacking(SnapshotManifest manifest, Tsdb present) {
    return manifest.blocks().stream().filter(block -> !isHere(block, present)).toList();
  }

  private boolean isHere(SnapshotBlock block, Tsdb present) {
    if (!store.has(block.ulid())) {
      return false;
    }
    try {
      return checksumHere(block, present).equals(block.checksum());
    } catch (IOException e) {
      LOG.warn("block {} can't be read here and is pulled anew", block.ulid(), e);
      return false;
    }
  }

  /** By what is known of a block that was checked before, or else by reading it. */
  private Digest checksumHere(SnapshotBlock block, Tsdb present) throws IOException {
    Path directory = store.directory().of(block.ulid());
    if (BlockFiles.countedBytes(BlockFiles.of(directory)) == block.sizeBytes()) {
      Optional<BlockFacts> facts = present.manifest().part(block.ulid()).map(ManifestPart::facts);
      if (facts.isPresent()) {
        return facts.get().checksum();
      }
      for (SnapshotManifest own : snapshots.list()) {
        Optional<SnapshotBlock> known = own.block(block.ulid());
        if (known.isPresent()) {
          return known.get().checksum();
        }
      }
    }
    Digest known = read.get(block.ulid());
    if (known == null) {
      known = blocks.checksumOf(directory);
      read.put(block.ulid(), known);
    }
    return known;
  }

  /** Pulls the files that belong to no block; those of an older snapshot go. */
  private Path pullFiles(Member leader, SnapshotManifest manifest)
      throws IOException, InterruptedException {
    Path target = incoming.resolve(FILES_PREFIX + manifest.name());
    deleteFilesBut(Optional.of(target));
    Files.createDirectories(target);
    for (SnapshotFile file : manifest.files()) {
      files.pull(
          target.resolve(file.path()),
          file.sizeBytes(),
          offset -> source.openSnapshotFile(leader, manifest.name(), file.path(), offset));
      try {
        file.check(target);
      } catch (IOException e) {
        disk.delete(target.resolve(file.path()));
        throw e;
      }
    }
    return target;
  }

  /** Deletes the files of other snapshots that were being pulled; blocks stay. */
  private void deleteFilesBut(Optional<Path> kept) throws IOException {
    if (!Files.exists(incoming)) {
      return;
    }
    List<Path> entries;
    try (Stream<Path> listed = Files.list(incoming)) {
      entries = listed.toList();
    }
    for (Path entry : entries) {
      if (String.valueOf(entry.getFileName()).startsWith(FILES_PREFIX)
          && !kept.equals(Optional.of(entry))) {
        disk.delete(entry);
      }
    }
  }

  /** Puts the snapshot together, loads it, compares the hash of the state, and publishes it. */
  private LoadedState publish(SnapshotManifest manifest, Path pulled, List<SnapshotBlock> lacking)
      throws IOException {
    for (SnapshotBlock block : lacking) {
      blocks.adopt(block.ulid(), blocks.complete(block.ulid(), block.checksum()));
      read.put(block.ulid(), block.checksum());
    }
    Path temporary = snapshots.temporary(TEMPORARY_NAME);
    try (PartStore.Hold held = store.hold()) {
      linkFiles(manifest, pulled, temporary);
      linkBlocks(manifest, held, temporary);
      return loadAndPublish(manifest, temporary);
    } catch (IOException | RuntimeException e) {
      disk.delete(temporary);
      throw e;
    }
  }

  private LoadedState loadAndPublish(SnapshotManifest manifest, Path temporary) throws IOException {
    LoadedState state = LoadedState.load(temporary, manifest, store, chunks);
    try {
      requireHash(manifest, state);
      snapshots.publish(temporary, manifest);
      return state;
    } catch (IOException | RuntimeException e) {
      state.tsdb().close();
      throw e;
    }
  }

  private void linkFiles(SnapshotManifest manifest, Path pulled, Path temporary)
      throws IOException {
    for (SnapshotFile file : manifest.files()) {
      Path to = temporary;
      String[] names = file.path().split("/", -1);
      for (int i = 0; i < names.length - 1; i++) {
        to = to.resolve(names[i]);
        if (!Files.exists(to)) {
          disk.createDirectory(to);
        }
      }
      disk.link(pulled.resolve(file.path()), temporary.resolve(file.path()));
    }
    // Lower directories first.
    List<Path> directories;
    try (Stream<Path> tree = Files.walk(temporary)) {
      directories = tree.filter(Files::isDirectory).toList();
    }
    for (Path directory : directories.reversed()) {
      disk.forceDirectory(directory);
    }
  }

  private void linkBlocks(SnapshotManifest manifest, PartStore.Hold held, Path temporary)
      throws IOException {
    Path directory = temporary.resolve(SnapshotBlock.DIRECTORY);
    disk.createDirectory(directory);
    for (SnapshotBlock block : manifest.blocks()) {
      Path from =
          held.directoryOf(block.ulid())
              .orElseThrow(() -> new IOException("block " + block.ulid() + " has gone meanwhile"));
      BlockFiles.link(disk, from, block.directory(temporary));
      block.check(temporary);
    }
    disk.forceDirectory(directory);
  }

  private static void requireHash(SnapshotManifest manifest, LoadedState state) throws IOException {
    byte[] hash;
    try (FrozenTsdb frozen = state.tsdb().freeze()) {
      hash = frozen.stateHash();
    }
    if (!Arrays.equals(hash, HexFormat.of().parseHex(manifest.stateHash()))) {
      throw new IOException(
          "snapshot "
              + manifest.name()
              + " gives state hash "
              + HexFormat.of().formatHex(hash)
              + ", its manifest says "
              + manifest.stateHash());
    }
  }

  /** The engine of the pulled snapshot is the node's: its manifest alone says what is needed. */
  void replaced() {
    sweeper.keep(List.of(), 0);
  }

  /** Bytes of blocks that were here already. */
  long skippedBytes() {
    return skippedBytes.sum();
  }
}
