package io.rafttsdb.storage.block;

import io.rafttsdb.storage.model.Matcher;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Executor;

/** Skeleton: signatures only. */
public final class Block implements ChunkSource, Closeable {

  private Block() {}

  /** Opens a block; the thread that gives back the last lease after {@link #close} unmaps it. */
  public static Block open(Path directory) throws IOException {
    return open(directory, Runnable::run);
  }

  /** Opens a block; its files are unmapped by the executor. */
  public static Block open(Path directory, Executor unmapper) throws IOException {
    throw new UnsupportedOperationException();
  }

  public BlockMeta meta() {
    throw new UnsupportedOperationException();
  }

  public Path directory() {
    throw new UnsupportedOperationException();
  }

  /** Everything below must be called while a lease is held. */
  public Lease acquire() throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Series with chunks that reach into [minMs, maxMs], sorted by labels, only those chunks. */
  public List<ChunkSeries> select(List<Matcher> matchers, long minMs, long maxMs, int seriesMax)
      throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Sorted label names of the series that {@link #select} has. */
  public List<String> labelNames(List<Matcher> matchers, long minMs, long maxMs)
      throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Sorted values of a label in the series that {@link #select} has. */
  public List<String> labelValues(String name, List<Matcher> matchers, long minMs, long maxMs)
      throws IOException {
    throw new UnsupportedOperationException();
  }

  @Override
  public Iterator<String> symbols() throws IOException {
    throw new UnsupportedOperationException();
  }

  @Override
  public Iterator<ChunkSeries> series() throws IOException {
    throw new UnsupportedOperationException();
  }

  /** No new lease from now on; the last one unmaps. */
  @Override
  public void close() {}
}
