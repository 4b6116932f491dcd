package io.rafttsdb.replica;

import io.rafttsdb.command.UnknownFormat;
import io.rafttsdb.replica.disk.CommitMark;
import io.rafttsdb.replica.disk.DirectoryLock;
import io.rafttsdb.replica.disk.LossNotAccepted;
import io.rafttsdb.replica.disk.RaftMeta;
import io.rafttsdb.replica.disk.SecondFiles;
import io.rafttsdb.replica.disk.SnapshotDirectory;
import io.rafttsdb.replica.disk.SnapshotFile;
import io.rafttsdb.replica.disk.SnapshotManifest;
import io.rafttsdb.replica.disk.SoundSnapshots;
import io.rafttsdb.replica.disk.StartRefused;
import io.rafttsdb.storage.ChunksHead;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.block.BlockDirectory;
import io.rafttsdb.storage.manifest.ManifestChange;
import io.rafttsdb.storage.manifest.ManifestPart;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
import io.rafttsdb.storage.part.PartStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.ratis.server.protocol.TermIndex;

/**
 * Makes the directory of a group of one member from what a directory of a lost group holds, while
 * nobody runs on either. Whatever its log has is taken as committed: it may be, and there is nobody
 * left who knows.
 */
public final class ReplicaRecovery {

  private static final String STAGING = "recovering";

  private final Path from;
  private final Path to;
  private final UUID newCluster;
  private final Member self;
  private final boolean acceptLoss;
  private final Consumer<String> progress;

  private ReplicaRecovery(
      Path from,
      Path to,
      UUID newCluster,
      Member self,
      boolean acceptLoss,
      Consumer<String> progress) {
    this.from = from;
    this.to = to;
    this.newCluster = newCluster;
    this.self = self;
    this.acceptLoss = acceptLoss;
    this.progress = progress;
  }

  /**
   * What became of it.
   *
   * @param lastIndex of the last entry that the old log had
   * @param markIndex up to which entries are known to be committed; -1: nobody knows
   * @param uncertainEntries beyond it: acknowledged or not, they are in the new state
   * @param newestSampleMs time of the newest sample in the Head; Long.MIN_VALUE: it has none
   * @param blocks that were taken over
   * @param losses what is missing of what should be there; a line each
   */
  public record Report(
      Settings settings,
      long lastIndex,
      long markIndex,
      long uncertainEntries,
      long newestSampleMs,
      long series,
      int blocks,
      List<String> losses) {
    public Report {
      losses = List.copyOf(losses);
    }
  }

  /**
   * Recovers one shard.
   *
   * @param from its old directory, of which only the lock file is touched
   * @param oldCluster whose group it was
   * @param to its new directory, which is not there
   * @param self the only member of the new group
   * @param acceptLoss whether to go on without what should be there and is not
   * @param progress told a line now and then
   * @throws StartRefused where the directory is in use, or data is missing and that not accepted
   */
  public static Report run(
      Path from,
      UUID oldCluster,
      Path to,
      UUID newCluster,
      Member self,
      boolean acceptLoss,
      Consumer<String> progress)
      throws IOException, StartRefused {
    try (DirectoryLock _ = DirectoryLock.take(from)) {
      progress.accept("reading the log and the snapshots in " + from);
      SurvivorState survivor = SurvivorState.of(from, oldCluster);
      List<String> losses = survivor.losses();
      if (survivor.log().lastIndex() < 0) {
        throw new LossNotAccepted("nothing can be recovered from " + from, losses);
      }
      if (!losses.isEmpty() && !acceptLoss) {
        throw notAccepted(from, losses);
      }
      ReplicaRecovery recovery =
          new ReplicaRecovery(from, to, newCluster, self, acceptLoss, progress);
      boolean isDone = false;
      try {
        Report report = recovery.recover(survivor, new ArrayList<>(losses));
        isDone = true;
        return report;
      } finally {
        if (!isDone) {
          ReplicaDirectory.DISK.delete(to);
        }
      }
    }
  }

  /** Removes what {@link #run} has made, where another shard could not be recovered. */
  public static void discard(Path to) throws IOException {
    ReplicaDirectory.DISK.delete(to);
  }

  private static LossNotAccepted notAccepted(Path from, List<String> losses) {
    return new LossNotAccepted(
        from + " does not have all that it should; --accept-loss goes on without", losses);
  }

  private Report recover(SurvivorState survivor, List<String> losses)
      throws IOException, StartRefused {
    Files.createDirectories(to.resolve("blocks"));
    Files.createDirectories(to.resolve(STAGING));
    ChunksHead chunks = new ChunksHead(to.resolve("chunks_head"), Runnable::run);
    try (PartStore store =
        PartStore.open(
            new BlockDirectory(to.resolve("blocks"), ReplicaDirectory.DISK),
            Runnable::run,
            refused -> {})) {
      Tsdb tsdb = load(survivor, store, chunks);
      try {
        return recover(survivor, store, tsdb, losses);
      } finally {
        tsdb.close();
      }
    }
  }

  private Tsdb load(SurvivorState survivor, PartStore store, ChunksHead chunks) throws IOException {
    Optional<SoundSnapshots.Found> newest = survivor.newest();
    if (newest.isEmpty()) {
      return Tsdb.empty(chunks, store);
    }
    SnapshotManifest manifest = newest.get().manifest();
    progress.accept("loading the snapshot " + manifest.name());
    Path staged = to.resolve(STAGING).resolve("snapshot");
    for (SnapshotFile file : manifest.files()) {
      SecondFiles.make(newest.get().directory(), staged, file.path());
    }
    return LoadedState.load(staged, manifest, store, chunks).tsdb();
  }

  private Report recover(SurvivorState survivor, PartStore store, Tsdb tsdb, List<String> losses)
      throws IOException, StartRefused {
    TermIndex applied;
    try {
      applied = survivor.applyTo(tsdb, progress);
    } catch (UnknownFormat e) {
      throw new LossNotAccepted(
          "the log was written by a later version, with which to recover it: " + e.getMessage(),
          List.of());
    }
    Settings settings = tsdb.settings();
    if (settings == null) {
      throw new LossNotAccepted(from + " has no data: the cluster never had settings", List.of());
    }
    long lastIndex = applied.getIndex();
    SurvivorBlocks blocks =
        new SurvivorBlocks(from, survivor.snapshots().list(), store, to.resolve(STAGING), progress);
    List<String> flaws = blocks.bring(tsdb.manifest());
    List<Ulid> uncovered = uncovered(tsdb, store, applied);
    if (!uncovered.isEmpty()) {
      losses.addAll(describe(tsdb, uncovered));
      losses.addAll(flaws);
      if (!acceptLoss) {
        throw notAccepted(from, losses);
      }
      ManifestChange dropped = tsdb.drop(uncovered);
      if (dropped instanceof ManifestChange.Refused(String reason)) {
        throw new IOException("blocks that are missing can't be left out: " + reason);
      }
      applied = TermIndex.valueOf(applied.getTerm(), lastIndex + 1);
      tsdb.publish(applied.getIndex());
    }
    write(tsdb, store, applied);
    CommitMark mark = survivor.mark();
    long newestMs =
        tsdb.stats().minMs() > tsdb.stats().maxMs() ? Long.MIN_VALUE : tsdb.stats().maxMs();
    return new Report(
        settings,
        lastIndex,
        mark == null ? -1 : mark.index(),
        survivor.uncertainEntries(),
        newestMs,
        tsdb.stats().seriesCount(),
        store.names().size(),
        losses);
  }

  private List<Ulid> uncovered(Tsdb tsdb, PartStore store, TermIndex applied) throws IOException {
    try (FrozenState frozen = FrozenState.of(tsdb, store, applied, List.of())) {
      return frozen.tsdb().cover(frozen.blocks()::sizeBytes).uncovered();
    }
  }

  private static List<String> describe(Tsdb tsdb, List<Ulid> uncovered) {
    List<String> lines = new ArrayList<>();
    for (Ulid ulid : uncovered) {
      ManifestPart part = tsdb.manifest().part(ulid).orElseThrow();
      lines.add(
          "block "
              + ulid
              + " with the samples from "
              + Instant.ofEpochMilli(part.minMs())
              + " to "
              + Instant.ofEpochMilli(part.endMs()));
    }
    return lines;
  }

  /** Everything that a start reads; what makes the directory a member's comes after this. */
  private void write(Tsdb tsdb, PartStore store, TermIndex applied) throws IOException {
    progress.accept("writing the snapshot " + applied.getTerm() + "_" + applied.getIndex());
    SnapshotDirectory snapshots =
        SnapshotDirectory.open(to.resolve("snapshots"), newCluster, ReplicaDirectory.DISK);
    SnapshotWriter writer = new SnapshotWriter(snapshots, newCluster, ReplicaDirectory.DISK);
    List<String> members = List.of(SnapshotTaker.describe(self));
    try (FrozenState frozen = FrozenState.of(tsdb, store, applied, members)) {
      SnapshotManifest _ = writer.write(frozen);
    }
    RaftMeta.begin(
        ReplicaDirectory.raft(to).resolve(newCluster.toString()).resolve("current"),
        applied.getTerm());
    new CommitMark(applied.getTerm(), applied.getIndex()).write(to);
    ReplicaDirectory.DISK.delete(to.resolve(STAGING));
    ReplicaDirectory.DISK.forceDirectory(to.resolve("blocks"));
    ReplicaDirectory.DISK.forceDirectory(to);
  }
}
