package io.rafttsdb.replica;

import io.rafttsdb.replica.disk.SnapshotDirectory;
import java.util.List;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.statemachine.SnapshotRetentionPolicy;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.jspecify.annotations.Nullable;

/** Shows Ratis which snapshot is the newest; it neither writes nor deletes nor sends any. */
final class RatisSnapshots implements StateMachineStorage {

  /** A snapshot by its last entry. */
  private record NewestSnapshot(TermIndex last) implements SnapshotInfo {
    @Override
    public TermIndex getTermIndex() {
      return last;
    }

    @Override
    public List<FileInfo> getFiles() {
      return List.of();
    }
  }

  private final SnapshotDirectory snapshots;

  RatisSnapshots(SnapshotDirectory snapshots) {
    this.snapshots = snapshots;
  }

  @Override
  public void init(RaftStorage raftStorage) {}

  @Override
  public @Nullable SnapshotInfo getLatestSnapshot() {
    return snapshots
        .newest()
        .map(manifest -> new NewestSnapshot(TermIndex.valueOf(manifest.term(), manifest.index())))
        .orElse(null);
  }

  @Override
  public void format() {}

  @Override
  public void cleanupOldSnapshots(SnapshotRetentionPolicy policy) {}
}
