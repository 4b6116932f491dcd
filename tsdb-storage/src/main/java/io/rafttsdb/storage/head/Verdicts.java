package io.rafttsdb.storage.head;

import io.rafttsdb.storage.model.AppendResult;
import io.rafttsdb.storage.model.AppendResult.Reason;
import io.rafttsdb.storage.model.AppendResult.Refused;
import java.util.ArrayList;
import java.util.List;

/** Counts what became of the samples of one batch. */
final class Verdicts {

  private int stored;
  private int repeated;
  private int refusedCount;
  private List<Refused> refused = List.of();

  void stored() {
    stored++;
  }

  void repeated() {
    repeated++;
  }

  /**
   * @param sample place in the batch
   */
  void refused(int row, int sample, Reason reason) {
    if (refusedCount == 0) {
      refused = new ArrayList<>();
    }
    if (refusedCount < AppendResult.REFUSED_KEPT_MAX) {
      refused.add(new Refused(row, sample, reason));
    }
    refusedCount++;
  }

  AppendResult.Judged result() {
    return new AppendResult.Judged(stored, repeated, refusedCount, refused);
  }
}
