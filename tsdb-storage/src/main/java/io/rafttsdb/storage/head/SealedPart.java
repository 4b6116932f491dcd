package io.rafttsdb.storage.head;

import io.rafttsdb.storage.block.ChunkSeries;
import io.rafttsdb.storage.block.ChunkSource;
import io.rafttsdb.storage.file.UsedAfterClose;
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
   * @throws java.io.UncheckedIOException where the part was forgotten before
   */
  @Override
  Iterator<String> symbols();

  /**
   * Its series, sorted by labels, with what was deleted before the sealing. Later deletions are
   * hidden in queries, but no part of what a block is built from.
   *
   * @throws java.io.UncheckedIOException where the part was forgotten before
   */
  @Override
  Iterator<ChunkSeries> series();

  /**
   * The right to read all of it, whatever is forgotten and deleted meanwhile.
   *
   * @throws UsedAfterClose where the part was forgotten before, or its engine closed
   */
  ChunkLease hold() throws UsedAfterClose;

  /** Samples in it. */
  long sampleCount();

  /** Accounted memory of its chunks, and of the series that it alone keeps. */
  long bytes();
}
