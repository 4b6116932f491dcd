package io.rafttsdb.storage.compact;

import io.rafttsdb.storage.model.Ulid;
import java.util.List;

/** What retention asks for now. */
public sealed interface RetentionPlan {

  /**
   * Blocks to drop, none included.
   *
   * @param blocks the oldest first
   */
  record Drop(List<Ulid> blocks) implements RetentionPlan {
    public Drop {
      blocks = List.copyOf(blocks);
    }
  }

  /**
   * Nothing may be dropped: the newest block ends too far in the future for its time to be
   * believed, and everything older would go on its account. For a person to look at.
   *
   * @param newest the block
   * @param endMs its end
   */
  record HeldBack(Ulid newest, long endMs) implements RetentionPlan {}
}
