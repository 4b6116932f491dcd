package io.rafttsdb.command;

import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.Settings;
import java.util.List;

/** What one log entry asks of every replica. */
public sealed interface LogCommand {

  /**
   * Write requests in order of arrival. Each is applied as though it had an entry of its own, so
   * joining never changes a result.
   */
  record Append(List<SampleBatch> batches) implements LogCommand {
    public Append {
      batches = List.copyOf(batches);
    }
  }

  /** Sets the replicated settings; an engine accepts the first ones and compatible later ones. */
  record Configure(Settings settings) implements LogCommand {}

  /**
   * Bytes of a known kind that can't be decoded. A value and not an exception: every replica sees
   * the same bytes, changes nothing, and goes on.
   */
  record Malformed(String reason) implements LogCommand {}
}
