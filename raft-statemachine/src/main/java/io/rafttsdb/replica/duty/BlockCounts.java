package io.rafttsdb.replica.duty;

import java.util.concurrent.atomic.LongAdder;

/** What this node did about blocks since its start. For any thread. */
public final class BlockCounts {

  private final LongAdder built = new LongAdder();
  private final LongAdder builtBytes = new LongAdder();
  private final LongAdder fetched = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder differing = new LongAdder();
  private final LongAdder quarantined = new LongAdder();

  void built(long bytes) {
    built.increment();
    builtBytes.add(bytes);
  }

  void fetched() {
    fetched.increment();
  }

  void failed() {
    failed.increment();
  }

  void differing() {
    differing.increment();
  }

  void quarantined() {
    quarantined.increment();
  }

  /** Blocks built. */
  public long builtBlocks() {
    return built.sum();
  }

  /** Bytes of the blocks built. */
  public long builtSizeBytes() {
    return builtBytes.sum();
  }

  /** Blocks that came from another node. */
  public long fetchedBlocks() {
    return fetched.sum();
  }

  /** Attempts that failed and are repeated. */
  public long failures() {
    return failed.sum();
  }

  /** Blocks with other bytes here than on a majority. */
  public long differingBlocks() {
    return differing.sum();
  }

  /** Damaged blocks that were set aside. */
  public long quarantinedBlocks() {
    return quarantined.sum();
  }
}
