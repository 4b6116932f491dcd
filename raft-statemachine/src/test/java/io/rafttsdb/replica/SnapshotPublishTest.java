package io.rafttsdb.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.replica.SimulatedDisk.Loss;
import io.rafttsdb.replica.disk.SnapshotDirectory;
import io.rafttsdb.replica.disk.SnapshotFile;
import io.rafttsdb.replica.disk.SnapshotManifest;
import io.rafttsdb.storage.file.DiskFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A snapshot is relied on from a start on, by which the log before it goes. */
class SnapshotPublishTest {
  private static final UUID CLUSTER = new UUID(1, 2);

  @TempDir private Path root;

  private static SnapshotDirectory open(SimulatedDisk disk) throws IOException {
    return SnapshotDirectory.open(disk.root().resolve("snapshots"), CLUSTER, disk);
  }

  private static void publish(SimulatedDisk disk) throws IOException {
    SnapshotDirectory snapshots = open(disk);
    Path temporary = snapshots.temporary("1_7");
    try (DiskFile image = disk.create(temporary.resolve(SnapshotManifest.IMAGE_NAME))) {
      image.write(new byte[] {1, 2, 3}, 0, 3);
      image.force();
    }
    snapshots.publish(
        temporary,
        new SnapshotManifest(
            CLUSTER,
            1,
            7,
            "00",
            List.of(SnapshotFile.of(temporary, SnapshotManifest.IMAGE_NAME)),
            List.of(),
            List.of()));
  }

  /** The process dies at any step, and starts again; later the power goes. */
  @Test
  void whatAStartHasFoundOutlivesAPowerLoss() throws IOException {
    int found = 0;
    boolean isStopped = true;
    for (int steps = 1; isStopped; steps++) {
      SimulatedDisk disk = new SimulatedDisk(root.resolve("disk" + steps));
      disk.stopAfter(steps);
      try {
        publish(disk);
        isStopped = false;
      } catch (SimulatedDisk.Stopped e) {
        isStopped = true;
      }
      disk.stopAfter(Integer.MAX_VALUE);
      List<SnapshotManifest> valid = open(disk).list();
      found += valid.size();
      disk.powerLoss(Loss.ALL, new SplittableRandom(1));
      assertThat(open(disk).list()).as("after %d steps", steps).isEqualTo(valid);
    }
    assertThat(found).isGreaterThan(1);
  }
}
