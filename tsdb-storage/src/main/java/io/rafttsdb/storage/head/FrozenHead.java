package io.rafttsdb.storage.head;

import io.rafttsdb.storage.chunk.OpenHistograms;
import io.rafttsdb.storage.manifest.Manifest;
import io.rafttsdb.storage.model.HeadStats;
import io.rafttsdb.storage.model.SealedRange;
import io.rafttsdb.storage.model.Settings;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The Head after one log entry, with the sealed parts in memory, held fast: pointers to the chunks,
 * and how far the open ones are filled. Made by the apply thread between entries, read on any
 * thread it is handed to.
 *
 * <p>It keeps the memory of its chunks alive, and those that are on disk, so it should be closed
 * soon.
 */
public final class FrozenHead implements AutoCloseable {

  private final HeadState state;
  private final ChunkStore chunks;
  private final ChunkLease lease;
  private final Severed severed;
  private final MemSeries[] series;
  private final @Nullable HeadChunk[] newest;
  private final int[] openCounts;
  private final int[] openBitLengths;

  /** Null at series without such samples; no column where all are. */
  private @Nullable OutOfOrder @Nullable [] outOfOrder;

  /** Null at series whose open chunk is of floats; no column where all are. */
  private @Nullable FrozenHistograms @Nullable [] histograms;

  private int count;

  /**
   * @param lease taken before the state was; closed with this
   * @param severed knows the links that are severed from now on
   */
  FrozenHead(
      HeadState state, SeriesTable table, ChunkStore chunks, ChunkLease lease, Severed severed) {
    int size = table.seriesCount();
    this.chunks = chunks;
    this.lease = lease;
    this.severed = severed;
    this.state = state;
    this.series = new MemSeries[size];
    this.newest = new HeadChunk[size];
    this.openCounts = new int[size];
    this.openBitLengths = new int[size];
    Portion portion = new Portion();
    table.forEachPage(page -> add(page, portion));
  }

  /**
   * The series of a page, gathered before they go into the columns. Each store of a reference into
   * a column, which the collector sees as old from the start, would cost a fence; a copy of many
   * does not.
   */
  private static final class Portion {
    final MemSeries[] series = new MemSeries[SeriesPage.SERIES];
    final @Nullable HeadChunk[] newest = new HeadChunk[SeriesPage.SERIES];
    final @Nullable OutOfOrder[] outOfOrder = new OutOfOrder[SeriesPage.SERIES];
  }

  private void add(SeriesPage page, Portion portion) {
    int start = count;
    int size = page.copyTo(portion.series);
    // In loops that do little: the processor waits for the memory of many series at once so.
    for (int i = 0; i < size; i++) {
      portion.newest[i] = portion.series[i].newest();
    }
    System.arraycopy(portion.series, 0, series, start, size);
    System.arraycopy(portion.newest, 0, newest, start, size);
    if (page.hasPinned()) {
      addOutOfOrder(start, size, portion);
    }
    for (int i = 0; i < size; i++) {
      MemSeries each = portion.series[i];
      openCounts[start + i] = each.openCount();
      openBitLengths[start + i] = each.openBitLength();
      OpenHistograms open = each.openHistograms();
      if (open != null) {
        add(start + i, open);
      }
    }
    count = start + size;
  }

  private void addOutOfOrder(int start, int size, Portion portion) {
    if (outOfOrder == null) {
      outOfOrder = new OutOfOrder[series.length];
    }
    for (int i = 0; i < size; i++) {
      portion.outOfOrder[i] = portion.series[i].outOfOrder();
    }
    System.arraycopy(portion.outOfOrder, 0, outOfOrder, start, size);
  }

  private void add(int i, OpenHistograms open) {
    if (histograms == null) {
      histograms = new FrozenHistograms[series.length];
    }
    histograms[i] = new FrozenHistograms(open.writer().array(), open.isPlanned(), open.endMs());
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

  /** Sealed parts in memory, of both kinds. */
  public List<SealedPart> allParts() {
    return state.allParts();
  }

  /** Length of block ranges. */
  long rangeMs() {
    return state.rangeMs();
  }

  List<InOrderPart> parts() {
    return state.parts();
  }

  List<OutOfOrderPart> outOfOrderParts() {
    return state.outOfOrderParts();
  }

  HeadDeletes deletes() {
    return state.deletes();
  }

  /** Series, the dropped ones included that parts may need. */
  int seriesCount() {
    return count;
  }

  /** Place of a series that is here. */
  int place(long ref) {
    int low = 0;
    int high = count - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (series[middle].ref < ref) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** A series by its place, in order of refs. */
  MemSeries series(int i) {
    return series[i];
  }

  /** The newest chunk in order, in the Head or sealed, or null. */
  @Nullable HeadChunk newest(int i) {
    return newest[i];
  }

  /** The newest chunk if it is in the Head, or null. */
  @Nullable HeadChunk open(int i) {
    HeadChunk chunk = newest[i];
    return chunk != null && chunk.minMs >= state.sealedUpToMs() ? chunk : null;
  }

  /** The Head's chunk before one, or null. */
  @Nullable HeadChunk before(long ref, HeadChunk chunk) {
    HeadChunk linked = chunk.previous();
    HeadChunk before = linked == null ? severed.before(ref, chunk) : linked;
    return before != null && before.minMs >= state.sealedUpToMs() ? before : null;
  }

  /** What the Head has of a series out of order. */
  OutOfOrder outOfOrder(int i) {
    OutOfOrder samples = outOfOrder == null ? null : outOfOrder[i];
    return samples == null ? OutOfOrder.NONE : samples;
  }

  /** Whether the Head has samples of a series. */
  boolean isLive(int i) {
    return open(i) != null || !outOfOrder(i).isEmpty();
  }

  /** The bytes of a chunk, from memory or from disk. */
  byte[] bytes(long ref, HeadChunk chunk) throws IOException {
    return lease.bytes(ref, chunk);
  }

  /** Where its full chunks are. */
  ChunkStore chunks() {
    return chunks;
  }

  /** Chunks on disk can't be read any more. Closing twice is closing once. */
  @Override
  public void close() {
    lease.close();
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
