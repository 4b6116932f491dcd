package io.rafttsdb.replica.disk;

import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.file.DiskFile;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The snapshots of a replica: {@code snapshots/<term>_<index>/}, each published by rename when its
 * files and directories are forced. A published one is never written again, since its files may
 * have other names elsewhere. Safe for any thread.
 */
public final class SnapshotDirectory {

  /** Snapshots kept: with the older one the log goes on too, should the newer one be damaged. */
  public static final int KEPT = 2;

  private static final Logger LOG = LoggerFactory.getLogger(SnapshotDirectory.class);
  private static final Pattern NAME = Pattern.compile("\\d{1,18}_\\d{1,18}");
  private static final String TEMPORARY_SUFFIX = ".tmp";
  private static final String DAMAGED_SUFFIX = ".damaged";

  private final Path root;
  private final UUID clusterId;
  private final Disk disk;
  private final Map<String, Integer> leases = new HashMap<>(); // guarded by this
  private List<SnapshotManifest> valid = List.of(); // newest first, guarded by this

  private SnapshotDirectory(Path root, UUID clusterId, Disk disk) {
    this.root = root;
    this.clusterId = clusterId;
    this.disk = disk;
  }

  /**
   * Opens a replica's snapshots: deletes unfinished ones, and sets aside those that are damaged or
   * of another cluster. What is there then is there for good: a process that died may have
   * published one without having forced its name.
   *
   * @param root in a directory that is there
   */
  public static SnapshotDirectory open(Path root, UUID clusterId, Disk disk) throws IOException {
    if (!Files.exists(root)) {
      disk.createDirectory(root);
    }
    SnapshotDirectory snapshots = new SnapshotDirectory(root, clusterId, disk);
    List<SnapshotManifest> valid = new ArrayList<>();
    try (DirectoryStream<Path> directories = Files.newDirectoryStream(root)) {
      for (Path directory : directories) {
        String name = String.valueOf(directory.getFileName());
        if (name.endsWith(TEMPORARY_SUFFIX)) {
          disk.delete(directory);
        } else if (NAME.matcher(name).matches()) {
          snapshots.check(directory).ifPresent(valid::add);
        }
      }
    }
    disk.forceDirectory(root);
    disk.forceDirectory(Objects.requireNonNull(root.toAbsolutePath().getParent()));
    valid.sort(Comparator.comparingLong(SnapshotManifest::index).reversed());
    synchronized (snapshots) {
      snapshots.valid = List.copyOf(valid);
    }
    return snapshots;
  }

  private Optional<SnapshotManifest> check(Path directory) throws IOException {
    try {
      SnapshotManifest manifest = verify(directory);
      if (directory.endsWith(manifest.name())) {
        return Optional.of(manifest);
      }
    } catch (IOException e) {
      LOG.error("snapshot {} is damaged and set aside", directory, e);
    }
    setAside(directory);
    return Optional.empty();
  }

  /**
   * Reads a snapshot's manifest and checks that its files are those that the manifest lists: all
   * bytes of those that belong to no block, and the sizes of the blocks' files.
   *
   * @throws IOException where they are not, or can't be read
   */
  public SnapshotManifest verify(Path directory) throws IOException {
    SnapshotManifest manifest = SnapshotManifest.read(directory);
    requireOwn(manifest);
    for (SnapshotFile file : manifest.files()) {
      file.check(directory);
    }
    for (SnapshotBlock block : manifest.blocks()) {
      block.check(directory);
    }
    return manifest;
  }

  /** Checks that a snapshot is of this cluster. */
  public void requireOwn(SnapshotManifest manifest) throws IOException {
    if (!manifest.clusterId().equals(clusterId)) {
      throw new IOException(
          "snapshot of cluster " + manifest.clusterId() + ", expected " + clusterId);
    }
  }

  /** Valid snapshots, the newest first. */
  public synchronized List<SnapshotManifest> list() {
    return valid;
  }

  public synchronized Optional<SnapshotManifest> newest() {
    return valid.stream().findFirst();
  }

  public Path pathOf(SnapshotManifest manifest) {
    return root.resolve(manifest.name());
  }

  /** A new empty directory for a snapshot that is being written or received. */
  public Path temporary(String name) throws IOException {
    Path directory = root.resolve(name + TEMPORARY_SUFFIX);
    disk.delete(directory);
    disk.createDirectory(directory);
    return directory;
  }

  /**
   * Adds the manifest to a directory that holds everything else, and publishes it.
   *
   * @param temporary its files and the directories below it are forced already
   */
  public void publish(Path temporary, SnapshotManifest manifest) throws IOException {
    byte[] bytes = manifest.encode();
    try (DiskFile file = disk.create(temporary.resolve(SnapshotManifest.FILE_NAME))) {
      file.write(bytes, 0, bytes.length);
      file.force();
    }
    disk.forceDirectory(temporary);
    Path target = pathOf(manifest);
    synchronized (this) {
      if (Files.exists(target)) {
        setAside(target);
      }
      rename(temporary, target);
      List<SnapshotManifest> all = new ArrayList<>(valid);
      all.removeIf(other -> other.name().equals(manifest.name()));
      all.add(manifest);
      all.sort(Comparator.comparingLong(SnapshotManifest::index).reversed());
      valid = List.copyOf(all);
    }
  }

  private void rename(Path from, Path to) throws IOException {
    disk.rename(from, to);
    disk.forceDirectory(root);
  }

  /** Takes a snapshot that can't be loaded out of the list. */
  public synchronized void reject(SnapshotManifest manifest) throws IOException {
    setAside(pathOf(manifest));
    valid = valid.stream().filter(other -> !other.equals(manifest)).toList();
  }

  private void setAside(Path directory) throws IOException {
    Path aside = root.resolve(directory.getFileName() + DAMAGED_SUFFIX);
    disk.delete(aside);
    rename(directory, aside);
  }

  /** Deletes all but the newest ones and those that are being read. */
  public synchronized void deleteOld() throws IOException {
    List<SnapshotManifest> kept = new ArrayList<>();
    for (SnapshotManifest manifest : valid) {
      if (kept.size() < KEPT || leases.containsKey(manifest.name())) {
        kept.add(manifest);
      } else {
        Path doomed = root.resolve(manifest.name() + TEMPORARY_SUFFIX);
        disk.rename(pathOf(manifest), doomed);
        disk.delete(doomed);
      }
    }
    valid = List.copyOf(kept);
  }

  /** The newest snapshot, which stays until the lease is closed; empty where there is none. */
  public synchronized Optional<SnapshotLease> lease() {
    return newest()
        .map(manifest -> {
          leases.merge(manifest.name(), 1, Integer::sum);
          return new SnapshotLease(manifest, pathOf(manifest), () -> release(manifest.name()));
        });
  }

  private synchronized void release(String name) {
    leases.computeIfPresent(name, (key, count) -> count == 1 ? null : count - 1);
  }
}
