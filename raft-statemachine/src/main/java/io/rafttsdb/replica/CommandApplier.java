package io.rafttsdb.replica;

import io.rafttsdb.command.LogCommand;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.model.AppendResult;
import io.rafttsdb.storage.model.SampleBatch;
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
  private final LongAdder unknownRefs = new LongAdder();
  private final LongAdder samplesStored = new LongAdder();
  private final LongAdder samplesRepeated = new LongAdder();
  private final LongAdder samplesRefused = new LongAdder();

  /**
   * Applies the entry of this index and publishes it.
   *
   * @return a result for each request of an append; none for other commands
   */
  List<AppendResult> apply(Tsdb tsdb, long index, LogCommand command) {
    List<AppendResult> results =
        switch (command) {
          case LogCommand.Append(List<SampleBatch> batches) -> append(tsdb, batches);
          case LogCommand.Configure configure -> {
            boolean accepted = tsdb.configure(configure.settings());
            LOG.info("entry {}: {} {}", index, configure, accepted ? "accepted" : "refused");
            yield List.of();
          }
          case LogCommand.Malformed(String reason) -> {
            malformed.increment();
            LOG.error("entry {} can't be decoded and changes nothing: {}", index, reason);
            yield List.of();
          }
        };
    tsdb.publish(index);
    return results;
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
