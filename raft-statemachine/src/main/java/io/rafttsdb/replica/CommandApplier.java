package io.rafttsdb.replica;

import io.rafttsdb.command.CommandResult;
import io.rafttsdb.command.LogCommand;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.ManifestChange;
import io.rafttsdb.storage.model.AppendResult;
import io.rafttsdb.storage.model.CutResult;
import io.rafttsdb.storage.model.Matcher;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.SealedRange;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies commands to a storage engine. What becomes of a command is a function of the engine's
 * state and the command alone; the counters here are not part of it. Owned by the apply thread.
 */
final class CommandApplier {
  private static final Logger LOG = LoggerFactory.getLogger(CommandApplier.class);

  private final LongAdder malformed = new LongAdder();
  private final LongAdder commandsRefused = new LongAdder();
  private final LongAdder unknownRefs = new LongAdder();
  private final LongAdder samplesStored = new LongAdder();
  private final LongAdder samplesRepeated = new LongAdder();
  private final LongAdder samplesRefused = new LongAdder();

  /** Applies the entry of this index and publishes it. */
  AppliedEntry apply(Tsdb tsdb, long index, LogCommand command) {
    AppliedEntry applied =
        switch (command) {
          case LogCommand.Append(List<SampleBatch> batches) ->
              AppliedEntry.of(append(tsdb, batches));
          case LogCommand.Malformed(String reason) -> {
            malformed.increment();
            LOG.error("entry {} can't be decoded and changes nothing: {}", index, reason);
            yield AppliedEntry.of(new CommandResult.Refused(reason));
          }
          default -> {
            CommandResult result = change(tsdb, command);
            if (result instanceof CommandResult.Refused) {
              commandsRefused.increment();
            }
            LOG.info("entry {}: {}: {}", index, command, result);
            yield AppliedEntry.of(result);
          }
        };
    tsdb.publish(index);
    return applied;
  }

  private static CommandResult change(Tsdb tsdb, LogCommand command) {
    return switch (command) {
      case LogCommand.Configure(Settings settings) ->
          tsdb.configure(settings)
              ? new CommandResult.Done()
              : new CommandResult.Refused("expected the present block range");
      case LogCommand.CutHead(long upToMs, Ulid ulid) -> result(tsdb.cut(upToMs, ulid));
      case LogCommand.CutOutOfOrder(List<SealedRange> ranges) -> result(tsdb.cutOutOfOrder(ranges));
      case LogCommand.BlockBuilt(Ulid ulid, BlockFacts facts) -> result(tsdb.built(ulid, facts));
      case LogCommand.Compact(Ulid result, List<Ulid> sources) ->
          result(tsdb.compact(result, sources));
      case LogCommand.DropBlocks(List<Ulid> ulids) -> result(tsdb.drop(ulids));
      case LogCommand.Delete(List<Matcher> matchers, long minMs, long maxMs) ->
          result(tsdb.delete(matchers, minMs, maxMs));
      case LogCommand.ClusterVersion(int version) ->
          tsdb.raiseTo(version)
              ? new CommandResult.Done()
              : new CommandResult.Refused(
                  "expected cluster version " + (tsdb.clusterVersion() + 1) + ", got " + version);
      case LogCommand.Freeze freeze -> new CommandResult.Done();
      case LogCommand.ImportBlock(Ulid ulid, long minMs, long endMs, BlockFacts facts) ->
          result(tsdb.importBlock(ulid, minMs, endMs, facts));
      case LogCommand.Restore(long upToMs, long newestMs) -> result(tsdb.restore(upToMs, newestMs));
      case LogCommand.Append append -> throw new IllegalArgumentException("an append");
      case LogCommand.Malformed bytes -> throw new IllegalArgumentException("no command");
    };
  }

  private static CommandResult result(CutResult cut) {
    return switch (cut) {
      case CutResult.Sealed done -> new CommandResult.Done();
      case CutResult.Refused(String reason) -> new CommandResult.Refused(reason);
    };
  }

  private static CommandResult result(ManifestChange change) {
    return switch (change) {
      case ManifestChange.Accepted accepted -> new CommandResult.Done();
      case ManifestChange.Refused(String reason) -> new CommandResult.Refused(reason);
    };
  }

  private List<AppendResult> append(Tsdb tsdb, List<SampleBatch> batches) {
    List<AppendResult> results = new ArrayList<>(batches.size());
    for (SampleBatch batch : batches) {
      AppendResult result = tsdb.append(batch);
      switch (result) {
        case AppendResult.Judged judged -> {
          samplesStored.add(judged.stored());
          samplesRepeated.add(judged.repeated());
          samplesRefused.add(judged.refusedCount());
        }
        case AppendResult.UnknownRef unknown -> unknownRefs.increment();
        case AppendResult.NoSettings none -> samplesRefused.add(batch.sampleCount());
      }
      results.add(result);
    }
    return results;
  }

  long malformed() {
    return malformed.sum();
  }

  long commandsRefused() {
    return commandsRefused.sum();
  }

  long unknownRefs() {
    return unknownRefs.sum();
  }

  long samplesStored() {
    return samplesStored.sum();
  }

  long samplesRepeated() {
    return samplesRepeated.sum();
  }

  long samplesRefused() {
    return samplesRefused.sum();
  }
}
