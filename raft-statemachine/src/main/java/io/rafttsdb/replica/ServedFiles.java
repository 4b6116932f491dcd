package io.rafttsdb.replica;

import io.rafttsdb.replica.disk.SnapshotBlock;
import io.rafttsdb.replica.disk.SnapshotDirectory;
import io.rafttsdb.replica.disk.SnapshotFile;
import io.rafttsdb.replica.disk.SnapshotManifest;
import io.rafttsdb.storage.block.Lease;
import io.rafttsdb.storage.model.BlockFile;
import io.rafttsdb.storage.model.Ulid;
import io.rafttsdb.storage.part.BlockFiles;
import io.rafttsdb.storage.part.PartStore;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The files that this node gives to others: those of its newest snapshot and of its blocks, and no
 * other. A name that is not on one of these lists is no file, whatever lies on the disk. An open
 * file goes on after its name has gone. Safe for any thread.
 */
public final class ServedFiles {
  private final SnapshotDirectory snapshots;
  private final SnapshotPins pins;
  private final PartStore store;
  private volatile boolean withheld;

  /**
   * The files of a node.
   *
   * @param nanos a clock like System.nanoTime
   */
  public ServedFiles(SnapshotDirectory snapshots, PartStore store, LongSupplier nanos) {
    this.snapshots = snapshots;
    this.pins = new SnapshotPins(snapshots, nanos);
    this.store = store;
  }

  /** The snapshots that stay because another node pulls them. */
  SnapshotPins pins() {
    return pins;
  }

  /** From now on no snapshot is given away, since those of this node are wrong; blocks are. */
  void withholdSnapshots() {
    withheld = true;
  }

  /** The newest snapshot's manifest; empty before the first. */
  public Optional<byte[]> snapshotManifest() {
    return withheld ? Optional.empty() : snapshots.newest().map(SnapshotManifest::encode);
  }

  /** As {@link #snapshotManifest}, and the snapshot stays for a while. */
  public Optional<byte[]> pinSnapshot() {
    return withheld ? Optional.empty() : pins.pinNewest().map(SnapshotManifest::encode);
  }

  /**
   * Opens a file of a snapshot that belongs to no block.
   *
   * @return empty where there is no such snapshot, or it has no such file
   */
  public Optional<FileChannel> openSnapshotFile(String snapshot, String path) throws IOException {
    if (withheld) {
      return Optional.empty();
    }
    pins.renew(snapshot);
    for (SnapshotManifest manifest : snapshots.list()) {
      Optional<SnapshotFile> file = manifest.file(path);
      if (manifest.name().equals(snapshot) && file.isPresent()) {
        return open(snapshots.pathOf(manifest).resolve(file.get().path()));
      }
    }
    return Optional.empty();
  }

  /** The files of a block; none where it is not here. */
  public List<BlockFile> blockFiles(Ulid ulid) throws IOException {
    Optional<Path> directory = directoryOf(ulid);
    try {
      return directory.isEmpty() ? List.of() : BlockFiles.of(directory.get());
    } catch (NoSuchFileException e) {
      return List.of(); // removed since
    }
  }

  /**
   * Opens a file of a block.
   *
   * @return empty where the block is not here, or has no such file
   */
  public Optional<FileChannel> openBlockFile(Ulid ulid, String name) throws IOException {
    if (blockFiles(ulid).stream().noneMatch(file -> file.name().equals(name))) {
      return Optional.empty();
    }
    Optional<Path> directory = directoryOf(ulid);
    return directory.isEmpty() ? Optional.empty() : open(directory.get().resolve(name));
  }

  /** One that is read here, or else one that a snapshot still has. */
  private Optional<Path> directoryOf(Ulid ulid) {
    Optional<Lease> lease = store.acquire(ulid);
    if (lease.isPresent()) {
      try (Lease held = lease.get()) {
        return Optional.of(held.block().directory());
      }
    }
    for (SnapshotManifest manifest : snapshots.list()) {
      Optional<SnapshotBlock> block = manifest.block(ulid);
      if (block.isPresent()) {
        return Optional.of(block.get().directory(snapshots.pathOf(manifest)));
      }
    }
    return Optional.empty();
  }

  private static Optional<FileChannel> open(Path file) throws IOException {
    try {
      return Optional.of(FileChannel.open(file, StandardOpenOption.READ));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }
}
