package io.rafttsdb.storage.head;

import io.rafttsdb.storage.model.Settings;
import org.jspecify.annotations.Nullable;

/**
 * The Head after one log entry, held fast: pointers to the chunks, and how far the open ones are
 * filled. Made by the apply thread between entries, read on any thread it is handed to.
 *
 * <p>It keeps the memory of its chunks alive, so it should not be kept for long.
 */
public final class FrozenHead {

  private final HeadState state;
  private final SeriesTable table;
  private final HeadChunk[] newest;
  private final int[] openCounts;
  private final int[] openBitLengths;

  FrozenHead(HeadState state, SeriesTable table) {
    int count = Math.toIntExact(state.nextRef() - 1);
    this.state = state;
    this.table = table;
    this.newest = new HeadChunk[count];
    this.openCounts = new int[count];
    this.openBitLengths = new int[count];
    for (int i = 0; i < count; i++) {
      MemSeries series = table.series(i + 1);
      newest[i] = series.newest();
      openCounts[i] = series.openCount();
      openBitLengths[i] = series.openBitLength();
    }
  }

  public long index() {
    return state.index();
  }

  @Nullable Settings settings() {
    return state.settings();
  }

  long nextRef() {
    return state.nextRef();
  }

  /** Newest timestamp of all series. */
  long maxMs() {
    return state.stats().maxMs();
  }

  MemSeries series(long ref) {
    return table.series(ref);
  }

  HeadChunk newest(long ref) {
    return newest[place(ref)];
  }

  /** Samples of the newest chunk. */
  int openCount(long ref) {
    return openCounts[place(ref)];
  }

  /** Bits that they take. */
  int openBitLength(long ref) {
    return openBitLengths[place(ref)];
  }

  private static int place(long ref) {
    return (int) (ref - 1);
  }
}
