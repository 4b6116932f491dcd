package io.rafttsdb.storage.head;

import io.rafttsdb.storage.chunk.OpenHistograms;
import io.rafttsdb.storage.manifest.Manifest;
import io.rafttsdb.storage.model.HeadStats;
import io.rafttsdb.storage.model.SealedRange;
import io.rafttsdb.storage.model.Settings;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The Head after one log entry, with the sealed parts in memory, held fast: pointers to the chunks,
 * and how far the open ones are filled. Made by the apply thread between entries, read on any
 * thread it is handed to.
 *
 * <p>It keeps the memory of its chunks alive, so it should not be kept for long.
 */
public final class FrozenHead {

  private final HeadState state;
  private final MemSeries[] series;
  private final HeadChunk[] newest;
  private final int[] openCounts;
  private final int[] openBitLengths;

  /** Null at series whose open chunk is of floats; no column where all are. */
  private @Nullable FrozenHistograms @Nullable [] histograms;

  private int count;

  FrozenHead(HeadState state, SeriesTable table) {
    int size = table.seriesCount();
    this.state = state;
    this.series = new MemSeries[size];
    this.newest = new HeadChunk[size];
    this.openCounts = new int[size];
    this.openBitLengths = new int[size];
    table.forEach(1, state.nextRef(), this::add);
  }

  private void add(long ref, MemSeries added) {
    series[count] = added;
    newest[count] = added.newest();
    openCounts[count] = added.openCount();
    openBitLengths[count] = added.openBitLength();
    OpenHistograms open = added.openHistograms();
    if (open != null) {
      if (histograms == null) {
        histograms = new FrozenHistograms[series.length];
      }
      histograms[count] =
          new FrozenHistograms(open.writer().array(), open.isPlanned(), open.endMs());
    }
    count++;
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

  /** Size of the Head, without the sealed parts. */
  public HeadStats stats() {
    return state.stats();
  }

  /** Newest timestamp of all series that ever were. */
  long maxMs() {
    return state.stats().maxMs();
  }

  long sealedUpToMs() {
    return state.sealedUpToMs();
  }

  /** What lies below. */
  public Manifest manifest() {
    return state.manifest();
  }

  List<SealedRange> waiting() {
    return state.waiting();
  }

  /** Sealed parts in memory. */
  public List<SealedPart> parts() {
    return state.parts();
  }

  /** Series, the dropped ones included that parts may need. */
  int seriesCount() {
    return count;
  }

  /** A series by its place, in order of refs. */
  MemSeries series(int i) {
    return series[i];
  }

  HeadChunk newest(int i) {
    return newest[i];
  }

  /** Whether the newest chunk of a series is the Head's, and not a sealed part's. */
  boolean isLive(int i) {
    return newest[i].minMs >= state.sealedUpToMs();
  }

  /** Samples of the newest chunk. */
  int openCount(int i) {
    return openCounts[i];
  }

  /** Bits that they take. */
  int openBitLength(int i) {
    return openBitLengths[i];
  }

  /**
   * An open chunk of histograms: the array that it had, since more buckets move it to another in
   * which the same samples take other bits.
   *
   * @param endMs meaningless where it is not planned
   */
  @SuppressWarnings("ArrayRecordComponent") // handed through, never compared
  record FrozenHistograms(byte[] array, boolean isPlanned, long endMs) {}

  /** What there is of the newest chunk beside its counts, where it is one of histograms. */
  @Nullable FrozenHistograms openHistograms(int i) {
    return histograms == null ? null : histograms[i];
  }
}
