package io.rafttsdb.replica.disk;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;

/**
 * The snapshots of a directory that is only read.
 *
 * @param list those whose own files are sound, the newest first; of blocks nothing is checked
 * @param damaged what is wrong with each of the others
 */
public record SoundSnapshots(List<Found> list, List<String> damaged) {

  /** A snapshot and where it is. */
  public record Found(Path directory, SnapshotManifest manifest) {}

  public SoundSnapshots {
    list = List.copyOf(list);
    damaged = List.copyOf(damaged);
  }

  /** Looks through a directory of snapshots; none where it does not exist. */
  public static SoundSnapshots of(Path root, UUID clusterId) throws IOException {
    List<Found> found = new ArrayList<>();
    List<String> damaged = new ArrayList<>();
    if (Files.isDirectory(root)) {
      try (DirectoryStream<Path> directories = Files.newDirectoryStream(root)) {
        for (Path directory : directories) {
          if (SnapshotDirectory.isPublished(directory)) {
            try {
              found.add(new Found(directory, read(directory, clusterId)));
            } catch (IOException e) {
              damaged.add("snapshot " + directory + ": " + e.getMessage());
            }
          }
        }
      }
    }
    found.sort(Comparator.comparingLong((Found each) -> each.manifest.index()).reversed());
    return new SoundSnapshots(found, damaged);
  }

  private static SnapshotManifest read(Path directory, UUID clusterId) throws IOException {
    SnapshotManifest manifest = SnapshotManifest.read(directory);
    if (!manifest.clusterId().equals(clusterId)) {
      throw new IOException("it is of the cluster " + manifest.clusterId());
    }
    for (SnapshotFile file : manifest.files()) {
      file.check(directory);
    }
    return manifest;
  }
}
