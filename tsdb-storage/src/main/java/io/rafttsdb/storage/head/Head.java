package io.rafttsdb.storage.head;

import io.rafttsdb.storage.index.IndexQuery;
import io.rafttsdb.storage.index.LabelIndex;
import io.rafttsdb.storage.index.Refs;
import io.rafttsdb.storage.manifest.Manifest;
import io.rafttsdb.storage.model.AppendResult;
import io.rafttsdb.storage.model.CutResult;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Matcher;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.SealedRange;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The newest samples of all series: open chunks in memory, full ones there or in files; what a log
 * entry changes.
 *
 * <p>Owned by the apply thread: every method changes state and may be called by it alone, but
 * {@link #published}, {@link #refOf}, {@link #labelsOf}, {@link #forget} and {@link #spill}.
 * Queries go through {@link HeadReader}. The state is a function of the calls: no clock, no chance,
 * no order of a hash table, and not where a chunk is.
 */
public final class Head implements Closeable {

  /** Index before the first {@link #publish}. */
  public static final long NOTHING_PUBLISHED = -1;

  /** Notes for readers: 3 MiB, and the changes of about a tenth of a second at full speed. */
  static final int RING_NOTES = 1 << 17;

  /** Series that are swept at least with each entry: some tens of microseconds. */
  private static final int SWEEP_SERIES_MIN = 512;

  private final HeadContents contents;
  private final BatchAppender appender;
  private final HeadCuts cuts;
  private volatile HeadState published;

  public Head() {
    this(RING_NOTES);
  }

  /**
   * @param ringNotes changes of series that the undo ring keeps for readers, a power of two
   */
  public Head(int ringNotes) {
    this(ringNotes, ChunkStore.MEMORY);
  }

  /** An empty Head whose full chunks go to a store, which is closed with it. */
  public Head(ChunkStore chunks) {
    this(RING_NOTES, chunks);
  }

  Head(int ringNotes, ChunkStore chunks) {
    this(new HeadContents(ringNotes, chunks), NOTHING_PUBLISHED);
  }

  /**
   * @param contents as they are after this entry
   */
  Head(HeadContents contents, long entryIndex) {
    this.contents = contents;
    this.appender = new BatchAppender(contents);
    this.cuts = new HeadCuts(contents);
    this.published = contents.state(entryIndex);
  }

  /**
   * Sets the settings: the first ones, or later ones with the same block range.
   *
   * @return whether the settings were accepted
   */
  public boolean configure(Settings wanted) {
    return contents.configure(wanted);
  }

  /**
   * Stores the samples of a request, one by one, or none where a ref or the settings are lacking.
   *
   * @throws java.io.UncheckedIOException where this node's disk fails, in the midst of the request:
   *     this node has to end
   */
  public AppendResult append(SampleBatch batch) {
    return appender.append(batch);
  }

  /**
   * Seals everything in order before a time, so that it becomes the block of this name. Moves
   * nothing: the chunks stay linked where they are, and a scan of one column finds the series that
   * have none left.
   *
   * @param upToMs a multiple of the block range, after the last cut, and at least half a block
   *     range older than the newest sample, so that the cut refuses nothing that was good before it
   */
  public CutResult cut(long upToMs, Ulid ulid) {
    return cuts.cut(upToMs, ulid);
  }

  /**
   * Seals what came out of order for some block ranges, each so that it becomes the block of its
   * name. Takes a fraction of a microsecond for each series that has such samples.
   *
   * @param wanted ranges that were cut off before, ascending, each with such samples; whose parts
   *     in order have their blocks
   */
  public CutResult cutOutOfOrder(List<SealedRange> wanted) {
    return cuts.cutOutOfOrder(wanted);
  }

  /** What lies below the Head, as of the entry that is being applied. */
  public Manifest manifest() {
    return contents.manifest();
  }

  /** Replaces it. */
  public void manifest(Manifest changed) {
    contents.manifest(changed);
  }

  /**
   * Deletes the samples in [minMs, maxMs] that are there, of the series that fulfil all matchers:
   * hides them in queries, at once in the Head and in the sealed parts in memory. They stay stored,
   * so that a repeat of one changes nothing.
   */
  public void delete(List<Matcher> matchers, long minMs, long maxMs) {
    if (minMs > maxMs) {
      throw new IllegalArgumentException("empty time range [" + minMs + ", " + maxMs + "]");
    }
    contents.changed();
    Refs unwanted =
        new IndexQuery(contents.index, this::labelsOfAny, contents.table.nextRef())
            .select(matchers);
    HeadDeletes.Builder inOrder = new HeadDeletes.Builder();
    for (int i = 0; i < unwanted.count(); i++) {
      long ref = unwanted.get(i);
      SeriesPage page = contents.table.page(ref);
      long newestMs = page == null ? Long.MIN_VALUE : page.newestMs(ref);
      if (minMs <= newestMs) {
        inOrder.add(ref, minMs, Math.min(maxMs, newestMs));
      }
    }
    contents.sealing.delete(inOrder.build(), unwanted, minMs, maxMs);
    contents.outOfOrder.delete(unwanted, minMs, maxMs);
  }

  /** Labels of a ref from the index. */
  Labels labelsOfAny(long ref) {
    MemSeries series = contents.table.series(ref);
    return series == null ? Labels.EMPTY : series.labels();
  }

  /** Ends the waiting of a part whose block is in the manifest. Whether it was waiting. */
  public boolean built(Ulid ulid) {
    contents.changed();
    return contents.sealing.built(ulid);
  }

  /**
   * Drops a part from this node's memory, with the next entry that is published; nothing happens
   * where it has none of this name. On any thread.
   */
  public void forget(Ulid ulid) {
    contents.sealing.forget(ulid);
  }

  /**
   * Brings full chunks to disk, lets their memory go, and deletes files that no state from the
   * published one on needs. On any thread, one at a time.
   *
   * @return chunks that were brought to disk
   * @throws IOException upon which no more chunks go to disk; none is lost by it
   */
  public int spill() throws IOException {
    return contents.chunks.spill(() -> published.floorMs());
  }

  /**
   * Holds fast the state after the last published entry, of which nothing may have been applied
   * since. Copies pointers and counts only.
   */
  public FrozenHead freeze() {
    if (contents.isChanged()) {
      throw new IllegalStateException(
          "expected to freeze between entries, found changes after " + published.index());
    }
    ChunkLease lease = contents.chunks.lease();
    return new FrozenHead(
        published, contents.table, contents.chunks, lease, contents.sealing.severed());
  }

  /**
   * Ends a log entry: makes everything since the last call visible at once. Then goes on with
   * freeing memory, by about as many series as samples came.
   *
   * @param entryIndex greater than that of the last call
   */
  public void publish(long entryIndex) {
    if (entryIndex <= published.index()) {
      throw new IllegalArgumentException(
          "expected an entry after " + published.index() + ", got " + entryIndex);
    }
    contents.sealing.takeForgotten();
    published = contents.state(entryIndex);
    contents.sealing.sweep(SWEEP_SERIES_MIN + appender.takeStoredCount());
  }

  /** The state after the last published entry. On any thread. */
  HeadState published() {
    return published;
  }

  /** Ref of a label set, or {@link SampleBatch#NO_REF}. On any thread. */
  public long refOf(Labels labels) {
    return contents.table.refOf(labels);
  }

  /** Labels of a ref that is visible and not dropped. On any thread. */
  public @Nullable Labels labelsOf(long ref) {
    MemSeries series = visible(ref);
    return series == null ? null : series.labels();
  }

  /**
   * The canonical bytes of each label of such a ref, which may not be written to. On any thread.
   */
  public byte @Nullable [][] labelBytesOf(long ref) {
    MemSeries series = visible(ref);
    return series == null ? null : series.labelBytes();
  }

  private @Nullable MemSeries visible(long ref) {
    return ref < 1 || ref >= published.nextRef() || !contents.table.isLive(ref)
        ? null
        : contents.table.series(ref);
  }

  SeriesTable table() {
    return contents.table;
  }

  LabelIndex index() {
    return contents.index;
  }

  UndoRing ring() {
    return contents.ring;
  }

  /** Where full chunks are. */
  ChunkStore chunks() {
    return contents.chunks;
  }

  /** Closes the files of full chunks; captures and frozen states that are open can be read on. */
  @Override
  public void close() throws IOException {
    contents.chunks.close();
  }
}
