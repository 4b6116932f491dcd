package io.rafttsdb.replica;

import io.rafttsdb.command.CommandResult;
import io.rafttsdb.command.LogCommand;
import io.rafttsdb.replica.ReplicaFailure.Outcome;
import io.rafttsdb.replica.ReplicaFailure.Unavailable;
import io.rafttsdb.replica.duty.Quorum;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.SettingsChange;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Changes some of the replicated settings, on the leader: one change at a time, as each is made of
 * the settings before it. On any thread.
 */
final class SettingsChanges {

  private final Supplier<Tsdb> engine;
  private final Quorum quorum;
  private final AtomicBoolean changing = new AtomicBoolean();

  SettingsChanges(Supplier<Tsdb> engine, Quorum quorum) {
    this.engine = engine;
    this.quorum = quorum;
  }

  /**
   * Proposes a change; the future fails with {@link Unavailable} where another one is under way.
   *
   * @throws IllegalArgumentException where a value is not possible
   */
  CompletableFuture<CommandResult> propose(SettingsChange change) {
    if (!changing.compareAndSet(false, true)) {
      return unavailable("the settings are being changed already");
    }
    CompletableFuture<CommandResult> result = null;
    try {
      Settings present = engine.get().settings();
      result =
          present == null
              ? unavailable("the cluster waits for its first settings")
              : quorum.propose(new LogCommand.Configure(change.over(present)));
    } finally {
      if (result == null) {
        changing.set(false);
      }
    }
    return result.whenComplete((done, problem) -> changing.set(false));
  }

  private static CompletableFuture<CommandResult> unavailable(String reason) {
    return CompletableFuture.failedFuture(new Unavailable(reason, Outcome.NOT_STORED));
  }
}
