package io.rafttsdb.replica;

import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.util.List;

/**
 * A state that this node could not rebuild from its own files: of some parts it has neither the
 * block nor what stands in for it. No snapshot is made of it, and the log before it stays.
 */
final class Uncovered extends IOException {
  private static final long serialVersionUID = 1;

  Uncovered(List<Ulid> parts) {
    super("neither the block nor what stands in for it is on this node: " + parts);
  }
}
