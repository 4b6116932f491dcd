package io.rafttsdb.replica;

import io.rafttsdb.command.CommandCodec;
import io.rafttsdb.command.LogCommand;
import io.rafttsdb.command.UnknownFormat;
import io.rafttsdb.storage.FrozenTsdb;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.model.Labels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;

/**
 * The one history of a simulated shard, and what follows from it after each entry: the state of an
 * engine that has applied all of them from the first on and never had a block, what it made of
 * each, and the samples of a simple model.
 */
final class SimulatedHistory {

  /** An entry and what follows from it. */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares entries
  record Entry(
      byte[] bytes,
      long term,
      AppliedEntry result,
      Digest state,
      Map<Labels, NavigableMap<Long, Long>> samples) {}

  /** A hash that can be compared. */
  record Digest(long high, long low) {
    static Digest of(Tsdb tsdb) {
      try (FrozenTsdb frozen = tsdb.freeze()) {
        var bytes = java.nio.ByteBuffer.wrap(frozen.stateHash());
        return new Digest(bytes.getLong(), bytes.getLong());
      }
    }
  }

  private final List<Entry> entries = new ArrayList<>();
  private final CommandApplier applier = new CommandApplier();
  private final Tsdb reference = new Tsdb();
  private final SampleModel model = new SampleModel();

  /** Commits an entry. */
  void add(LogCommand command, long term) {
    byte[] bytes = CommandCodec.encode(command);
    SampleModel.Bounds before = SampleModel.Bounds.of(reference);
    AppliedEntry result = applier.apply(reference, entries.size(), decoded(bytes));
    model.apply(command, result, before, reference);
    entries.add(new Entry(bytes, term, result, Digest.of(reference), model.samples()));
  }

  static LogCommand decoded(byte[] bytes) {
    try {
      return CommandCodec.decode(Arrays.copyOf(bytes, bytes.length));
    } catch (UnknownFormat e) {
      throw new AssertionError(e);
    }
  }

  /** Index of the last entry; they begin at 0. */
  long lastIndex() {
    return entries.size() - 1L;
  }

  Entry entry(long index) {
    return entries.get((int) index);
  }

  /** The state after the last entry. */
  Tsdb reference() {
    return reference;
  }
}
