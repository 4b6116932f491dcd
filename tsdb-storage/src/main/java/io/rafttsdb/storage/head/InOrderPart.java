package io.rafttsdb.storage.head;

import io.rafttsdb.storage.block.ChunkPointer;
import io.rafttsdb.storage.block.ChunkSeries;
import io.rafttsdb.storage.block.Intervals;
import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.file.UsedAfterClose;
import io.rafttsdb.storage.model.Bytewise;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SealedRange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The samples before a time that came in order: whole chunks that never change again, of series
 * that may go on in the Head. The chunks stay where they are, linked below those of the Head, so
 * that a cut moves nothing; this object says which they are, and finds them also when their links
 * are severed after it was forgotten.
 *
 * <p>Immutable but for {@link #forgotten}. May be read on any thread, whatever the apply thread
 * does meanwhile.
 */
public final class InOrderPart implements SealedPart {

  private final SealedRange range;
  private final SeriesTable table;
  private final ChunkStore store;

  /** No series from this ref on has samples in it. */
  private final long endRef;

  private final long sampleCount;
  private final long bytes;

  /** What was deleted before the sealing. */
  private final HeadDeletes deletes;

  private volatile @Nullable Severed severed;

  /** Whether files that it needs may be deleted for those who begin to read. */
  private volatile boolean isForgotten;

  InOrderPart(
      SealedRange range,
      SeriesTable table,
      ChunkStore store,
      long endRef,
      long sampleCount,
      long bytes,
      HeadDeletes deletes) {
    this.deletes = deletes;
    this.range = range;
    this.table = table;
    this.store = store;
    this.endRef = endRef;
    this.sampleCount = sampleCount;
    this.bytes = bytes;
  }

  @Override
  public SealedRange range() {
    return range;
  }

  @Override
  public long sampleCount() {
    return sampleCount;
  }

  @Override
  public long bytes() {
    return bytes;
  }

  /** Chunks of one series of the part. */
  private record Piece(Labels labels, MemSeries series, HeadChunk newest) {}

  /** A chunk of the part, in memory or on disk. */
  private record SealedChunk(MemSeries series, HeadChunk chunk, ChunkStore store)
      implements ChunkPointer {
    @Override
    public long minMs() {
      return chunk.minMs;
    }

    @Override
    public long maxMs() {
      return series.maxMsOf(chunk);
    }

    @Override
    public Chunk load() throws IOException {
      long maxMs = maxMs();
      byte[] memory = series.wholeBytes(chunk);
      byte[] bytes = memory == null ? store.bytes(series.ref, chunk) : memory;
      return new Chunk(chunk.encoding(), chunk.minMs, maxMs, bytes);
    }
  }

  @Override
  public Iterator<String> symbols() {
    Set<String> symbols = new HashSet<>();
    for (Piece piece : pieces()) {
      piece
          .labels()
          .forEach((name, value) -> {
            symbols.add(name);
            symbols.add(value);
          });
    }
    return symbols.stream().sorted(Bytewise.ORDER).iterator();
  }

  @Override
  public Iterator<ChunkSeries> series() {
    List<Piece> pieces = pieces();
    pieces.sort(Comparator.comparing(Piece::labels));
    return pieces.stream().map(this::chunkSeries).iterator();
  }

  private ChunkSeries chunkSeries(Piece piece) {
    List<SealedChunk> chunks = new ArrayList<>();
    for (HeadChunk chunk : chunks(piece.newest, piece.series.ref)) {
      chunks.add(new SealedChunk(piece.series, chunk, store));
    }
    return new ChunkSeries(piece.labels(), chunks, deleted(piece.series.ref));
  }

  /** What was deleted of a series before the sealing: its block is built without it. */
  Intervals deleted(long ref) {
    return deletes.of(ref, range.fromMs(), range.upToMs());
  }

  private List<Piece> pieces() {
    List<Piece> pieces = new ArrayList<>();
    table.forEach(
        1,
        endRef,
        (ref, series) -> {
          HeadChunk newest = newest(series.newest(), ref);
          if (newest != null) {
            pieces.add(new Piece(series.labels(), series, newest));
          }
        });
    if (severed != null) {
      throw new UncheckedIOException(tooLate());
    }
    return pieces;
  }

  /**
   * The newest chunk of a series in this part, or null.
   *
   * @param newest any chunk of the series that is as new or newer
   */
  @Nullable HeadChunk newest(@Nullable HeadChunk newest, long ref) {
    HeadChunk chunk = newest;
    while (chunk != null && chunk.minMs >= range.upToMs()) {
      chunk = before(chunk, ref);
    }
    return chunk == null || chunk.minMs < range.fromMs() ? null : chunk;
  }

  /** That chunk and those before it in this part, oldest first. */
  List<HeadChunk> chunks(HeadChunk newest, long ref) {
    List<HeadChunk> chunks = new ArrayList<>();
    HeadChunk chunk = newest;
    while (chunk != null && chunk.minMs >= range.fromMs()) {
      chunks.addFirst(chunk);
      chunk = before(chunk, ref);
    }
    return chunks;
  }

  private @Nullable HeadChunk before(HeadChunk chunk, long ref) {
    HeadChunk previous = chunk.previous();
    if (previous != null) {
      return previous;
    }
    Severed links = severed;
    return links == null || chunk.minMs < links.floorMs ? null : links.get(ref);
  }

  @Override
  public ChunkLease hold() throws UsedAfterClose {
    ChunkLease lease = store.acquire();
    if (isForgotten) {
      lease.close();
      throw tooLate();
    }
    return lease;
  }

  private UsedAfterClose tooLate() {
    return new UsedAfterClose("sealed part " + range);
  }

  /** Says that it is no part of the next state any more, before that is published. */
  void forget() {
    isForgotten = true;
  }

  /** Says where the chunks of the part are found before its links are severed. */
  void forgotten(Severed links) {
    severed = links;
  }
}
