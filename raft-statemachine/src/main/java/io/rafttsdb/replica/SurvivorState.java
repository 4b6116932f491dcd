package io.rafttsdb.replica;

import io.rafttsdb.command.CommandCodec;
import io.rafttsdb.command.UnknownFormat;
import io.rafttsdb.replica.disk.CommitMark;
import io.rafttsdb.replica.disk.DamagedLog;
import io.rafttsdb.replica.disk.LogContents;
import io.rafttsdb.replica.disk.SoundSnapshots;
import io.rafttsdb.storage.Tsdb;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.server.protocol.TermIndex;
import org.jspecify.annotations.Nullable;

/**
 * What a shard directory that nobody runs on holds of the state: its newest sound snapshot and the
 * log beyond that. It is only read.
 *
 * @param snapshots sound ones, the newest first
 * @param log how far it can be read beyond the newest of these
 * @param mark null where there is none, or a damaged one
 */
record SurvivorState(
    Path directory,
    Path logDirectory,
    SoundSnapshots snapshots,
    LogContents log,
    @Nullable CommitMark mark) {

  /** Entries after which full chunks are brought to disk, so that memory holds only open ones. */
  private static final int SPILL_ENTRIES = 256;

  /** Entries after which progress is told. */
  private static final int TOLD_ENTRIES = 10_000;

  static SurvivorState of(Path directory, UUID clusterId) throws IOException {
    SoundSnapshots snapshots = SoundSnapshots.of(directory.resolve("snapshots"), clusterId);
    Path log = ReplicaDirectory.raft(directory).resolve(clusterId.toString()).resolve("current");
    TermIndex start = startOf(snapshots);
    LogContents contents =
        LogContents.read(
            log, start.getTerm(), start.getIndex(), RatisProperties.ENTRY_BYTES_MAX, entry -> {});
    return new SurvivorState(directory, log, snapshots, contents, mark(directory));
  }

  private static @Nullable CommitMark mark(Path directory) throws IOException {
    try {
      return CommitMark.read(directory).orElse(null);
    } catch (DamagedLog e) {
      return null;
    }
  }

  private static TermIndex startOf(SoundSnapshots snapshots) {
    return newest(snapshots)
        .map(found -> TermIndex.valueOf(found.manifest().term(), found.manifest().index()))
        .orElse(TermIndex.INITIAL_VALUE);
  }

  private static Optional<SoundSnapshots.Found> newest(SoundSnapshots snapshots) {
    return snapshots.list().stream().findFirst();
  }

  Optional<SoundSnapshots.Found> newest() {
    return newest(snapshots);
  }

  /** What of the log was committed, or may have been, and can't be read; a line each. */
  List<String> losses() {
    List<String> losses = new ArrayList<>(log.losses(mark));
    if (snapshots.list().isEmpty()) {
      losses.addAll(0, snapshots.damaged());
    }
    return losses;
  }

  /** Entries that can be read and are not known to be committed. */
  long uncertainEntries() {
    CommitMark known = mark;
    long committed = Math.max(known == null ? -1 : known.index(), startOf(snapshots).getIndex());
    return Math.max(0, log.lastIndex() - committed);
  }

  /**
   * Applies the log to the engine of the newest snapshot.
   *
   * @return the last entry
   * @throws UnknownFormat where an entry is of a later program
   */
  TermIndex applyTo(Tsdb tsdb, Consumer<String> progress) throws IOException, UnknownFormat {
    TermIndex start = startOf(snapshots);
    CommandApplier applier = new CommandApplier();
    List<UnknownFormat> unknown = new ArrayList<>(0);
    LogContents applied =
        LogContents.read(
            logDirectory,
            start.getTerm(),
            start.getIndex(),
            RatisProperties.ENTRY_BYTES_MAX,
            entry -> {
              if (unknown.isEmpty()) {
                apply(tsdb, applier, entry, unknown);
                tellAndSpill(tsdb, entry.getIndex(), progress);
              }
            });
    if (!unknown.isEmpty()) {
      throw unknown.getFirst();
    }
    return TermIndex.valueOf(applied.lastTerm(), applied.lastIndex());
  }

  private static void apply(
      Tsdb tsdb, CommandApplier applier, LogEntryProto entry, List<UnknownFormat> unknown) {
    if (!entry.hasStateMachineLogEntry()) {
      tsdb.publish(entry.getIndex());
      return;
    }
    try {
      byte[] bytes = entry.getStateMachineLogEntry().getLogData().toByteArray();
      AppliedEntry _ = applier.apply(tsdb, entry.getIndex(), CommandCodec.decode(bytes));
    } catch (UnknownFormat e) {
      unknown.add(e);
    }
  }

  private void tellAndSpill(Tsdb tsdb, long index, Consumer<String> progress) {
    try {
      if (index % SPILL_ENTRIES == 0) {
        int _ = tsdb.spill();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (index % TOLD_ENTRIES == 0) {
      progress.accept("applied entry " + index + " of " + log.lastIndex());
    }
  }
}
