package io.rafttsdb.replica.duty;

import io.rafttsdb.command.CommandResult;
import io.rafttsdb.command.LogCommand;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.model.Ulid;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;

/** The shard's Raft group as the leader's duties see it. For any thread. */
public interface Quorum {

  /** Whether this node leads and has applied everything that earlier leaders left. */
  boolean leads();

  /** How many vote, this node included. */
  int voters();

  /**
   * What each of the other voters that answers has found of the blocks that it waits for. Waits for
   * them a moment.
   */
  List<Map<Ulid, BlockFacts>> reports() throws InterruptedException;

  /**
   * The highest cluster version that all members know, listeners too; empty where one does not
   * answer. Waits for them a moment.
   */
  OptionalInt knownVersion() throws InterruptedException;

  /** Puts a command into the log; the future tells what apply made of it here. */
  CompletableFuture<CommandResult> propose(LogCommand command);
}
