package io.rafttsdb.storage.head;

import io.rafttsdb.storage.block.ChunkSeries;
import io.rafttsdb.storage.block.ChunkSource;
import io.rafttsdb.storage.model.SealedRange;
import java.util.Iterator;

/**
 * What was taken off the Head to become a block: in memory and in files of full chunks, queried
 * with the Head until it is forgotten, and never changed. May be read on any thread, whatever the
 * apply thread does meanwhile.
 */
public sealed interface SealedPart extends ChunkSource permits InOrderPart, OutOfOrderPart {

  /** Name and bounds. */
  SealedRange range();

  /**
   * All label names and values of its series, sorted bytewise.
   *
   * @throws IllegalStateException where the part was forgotten before
   */
  @Override
  Iterator<String> symbols();

  /**
   * Its series, sorted by labels, with what was deleted before the sealing. Later deletions are
   * hidden in queries, but no part of what a block is built from.
   *
   * @throws IllegalStateException where the part was forgotten before
   */
  @Override
  Iterator<ChunkSeries> series();

  /**
   * The right to read all of it, whatever is forgotten and deleted meanwhile.
   *
   * @throws IllegalStateException where the part was forgotten before
   */
  ChunkLease hold();

  /** Samples in it. */
  long sampleCount();

  /** Accounted memory of its chunks, and of the series that it alone keeps. */
  long bytes();
}
