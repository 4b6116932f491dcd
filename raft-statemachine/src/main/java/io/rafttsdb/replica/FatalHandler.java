package io.rafttsdb.replica;

import org.jspecify.annotations.Nullable;

/** Ends the process: the replica must not go on. */
@FunctionalInterface
public interface FatalHandler {

  /**
   * Called once, on whatever thread met the failure; in production it does not return.
   *
   * @param reason what failed, for the operator
   */
  void fatal(String reason, @Nullable Throwable cause);
}
