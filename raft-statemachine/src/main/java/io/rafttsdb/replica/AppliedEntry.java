package io.rafttsdb.replica;

import io.rafttsdb.storage.model.AppendResult;
import java.util.List;

/**
 * What apply made of an entry.
 *
 * @param appends one result for each request of an append, in order; none for other commands
 * @param command of any other command; done for an append
 */
record AppliedEntry(List<AppendResult> appends, CommandResult command) {

  AppliedEntry {
    appends = List.copyOf(appends);
  }

  static AppliedEntry of(List<AppendResult> appends) {
    return new AppliedEntry(appends, new CommandResult.Done());
  }

  static AppliedEntry of(CommandResult command) {
    return new AppliedEntry(List.of(), command);
  }
}
