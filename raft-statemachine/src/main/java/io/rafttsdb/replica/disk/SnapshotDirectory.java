package io.rafttsdb.replica.disk;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The snapshots of a replica: {@code snapshots/<term>_<index>/}, each published by rename when its
 * files are forced. Safe for any thread.
 */
public final class SnapshotDirectory {

  /** Name of the image of the storage engine within a snapshot. */
  public static final String IMAGE_NAME = "head";

  /** Snapshots kept: with the older one the log goes on too, should the newer one be damaged. */
  public static final int KEPT = 2;

  private static final Logger LOG = LoggerFactory.getLogger(SnapshotDirectory.class);
  private static final Pattern NAME = Pattern.compile("\\d{1,18}_\\d{1,18}");
  private static final String TEMPORARY_SUFFIX = ".tmp";
  private static final String DAMAGED_SUFFIX = ".damaged";

  private final Path root;
  private final UUID clusterId;
  private final Map<String, Integer> leases = new HashMap<>(); // guarded by this
  private List<SnapshotManifest> valid = List.of(); // newest first, guarded by this

  private SnapshotDirectory(Path root, UUID clusterId) {
    this.root = root;
    this.clusterId = clusterId;
  }

  /**
   * Opens a replica's snapshots: deletes unfinished ones, and sets aside those that are damaged or
   * of another cluster.
   */
  public static SnapshotDirectory open(Path root, UUID clusterId) throws IOException {
    Files.createDirectories(root);
    SnapshotDirectory snapshots = new SnapshotDirectory(root, clusterId);
    List<SnapshotManifest> valid = new ArrayList<>();
    try (DirectoryStream<Path> directories = Files.newDirectoryStream(root)) {
      for (Path directory : directories) {
        String name = String.valueOf(directory.getFileName());
        if (name.endsWith(TEMPORARY_SUFFIX)) {
          deleteTree(directory);
        } else if (NAME.matcher(name).matches()) {
          snapshots.check(directory).ifPresent(valid::add);
        }
      }
    }
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
   * Reads a snapshot's manifest and checks that its image is the one that the manifest names.
   *
   * @throws IOException where it is not, or can't be read
   */
  public SnapshotManifest verify(Path directory) throws IOException {
    SnapshotManifest manifest = SnapshotManifest.read(directory);
    if (!manifest.clusterId().equals(clusterId)) {
      throw new IOException(
          directory + " is of cluster " + manifest.clusterId() + ", expected " + clusterId);
    }
    Path image = directory.resolve(IMAGE_NAME);
    long bytes = Files.size(image);
    if (bytes != manifest.imageBytes()) {
      throw new IOException(image + " has " + bytes + " bytes, expected " + manifest.imageBytes());
    }
    int crc = checksum(image);
    if (crc != manifest.imageCrc()) {
      throw new IOException(image + " has checksum " + crc + ", expected " + manifest.imageCrc());
    }
    return manifest;
  }

  /** CRC32C over a file's bytes. */
  public static int checksum(Path file) throws IOException {
    CRC32C crc = new CRC32C();
    byte[] buffer = new byte[1 << 18];
    try (var in = Files.newInputStream(file)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        crc.update(buffer, 0, read);
      }
    }
    return (int) crc.getValue();
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
    deleteTree(directory);
    return Files.createDirectory(directory);
  }

  /** Adds the manifest to a directory that holds the forced image, and publishes it. */
  public void publish(Path temporary, SnapshotManifest manifest) throws IOException {
    manifest.write(temporary);
    publishReceived(temporary, manifest);
  }

  /** Publishes a directory that has its manifest already. */
  public void publishReceived(Path temporary, SnapshotManifest manifest) throws IOException {
    Fsync.file(temporary.resolve(IMAGE_NAME));
    Fsync.file(temporary.resolve(SnapshotManifest.FILE_NAME));
    Fsync.directory(temporary);
    Path target = pathOf(manifest);
    synchronized (this) {
      if (Files.exists(target)) {
        setAside(target);
      }
      Fsync.publish(temporary, target);
      List<SnapshotManifest> all = new ArrayList<>(valid);
      all.removeIf(other -> other.name().equals(manifest.name()));
      all.add(manifest);
      all.sort(Comparator.comparingLong(SnapshotManifest::index).reversed());
      valid = List.copyOf(all);
    }
  }

  /** Takes a snapshot that can't be loaded out of the list. */
  public synchronized void reject(SnapshotManifest manifest) throws IOException {
    setAside(pathOf(manifest));
    valid = valid.stream().filter(other -> !other.equals(manifest)).toList();
  }

  private void setAside(Path directory) throws IOException {
    Path aside = root.resolve(directory.getFileName() + DAMAGED_SUFFIX);
    deleteTree(aside);
    Fsync.publish(directory, aside);
  }

  /** Deletes all but the newest ones and those that are being read. */
  public synchronized void deleteOld() throws IOException {
    List<SnapshotManifest> kept = new ArrayList<>();
    for (SnapshotManifest manifest : valid) {
      if (kept.size() < KEPT || leases.containsKey(manifest.name())) {
        kept.add(manifest);
      } else {
        Path doomed = root.resolve(manifest.name() + TEMPORARY_SUFFIX);
        Files.move(pathOf(manifest), doomed);
        deleteTree(doomed);
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

  private static void deleteTree(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    List<Path> paths;
    try (Stream<Path> tree = Files.walk(directory)) {
      paths = tree.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : paths) {
      Files.delete(path);
    }
  }
}
