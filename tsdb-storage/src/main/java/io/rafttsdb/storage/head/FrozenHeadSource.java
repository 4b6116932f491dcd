package io.rafttsdb.storage.head;

import io.rafttsdb.storage.block.ChunkPointer;
import io.rafttsdb.storage.block.ChunkSeries;
import io.rafttsdb.storage.block.ChunkSource;
import io.rafttsdb.storage.block.Intervals;
import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.chunk.ChunkEncoder;
import io.rafttsdb.storage.chunk.XorWriter;
import io.rafttsdb.storage.head.FrozenHead.FrozenHistograms;
import io.rafttsdb.storage.merge.ChunkCursor;
import io.rafttsdb.storage.merge.MergeCursor;
import io.rafttsdb.storage.model.Bytewise;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleCursor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/**
 * What the Head itself had after one log entry, without the sealed parts, as a block is built from
 * it. The open chunks are copied as far as they were filled. For any thread.
 */
public final class FrozenHeadSource implements ChunkSource {

  private final FrozenHead frozen;

  public FrozenHeadSource(FrozenHead frozen) {
    this.frozen = frozen;
  }

  /** A chunk that was closed. */
  private record ClosedChunk(FrozenHead frozen, long ref, HeadChunk chunk) implements ChunkPointer {
    @Override
    public long minMs() {
      return chunk.minMs;
    }

    @Override
    public long maxMs() {
      return chunk.closedMaxMs();
    }

    @Override
    public Chunk load() throws IOException {
      return new Chunk(chunk.encoding(), minMs(), maxMs(), frozen.bytes(ref, chunk));
    }
  }

  @Override
  public Iterator<String> symbols() {
    Set<String> symbols = new HashSet<>();
    for (int i : live()) {
      frozen
          .series(i)
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
    Labels[] labels = new Labels[frozen.seriesCount()];
    Arrays.setAll(labels, i -> frozen.series(i).labels());
    List<Integer> live = live();
    live.sort(Comparator.comparing((Integer i) -> labels[i]));
    return live.stream().map(this::chunkSeries).iterator();
  }

  private List<Integer> live() {
    List<Integer> live = new ArrayList<>();
    for (int i = 0; i < frozen.seriesCount(); i++) {
      if (frozen.isLive(i)) {
        live.add(i);
      }
    }
    return live;
  }

  private ChunkSeries chunkSeries(int i) {
    List<ChunkPointer> chunks = inOrder(i);
    Intervals deleted = frozen.deletes().of(frozen.series(i).ref);
    OutOfOrder late = frozen.outOfOrder(i);
    if (!late.isEmpty()) {
      chunks = merged(chunks, deleted, late);
      deleted = Intervals.NONE;
    }
    return new ChunkSeries(frozen.series(i).labels(), chunks, deleted);
  }

  private List<ChunkPointer> inOrder(int i) {
    List<ChunkPointer> chunks = new ArrayList<>();
    HeadChunk newest = frozen.open(i);
    if (newest == null) {
      return chunks;
    }
    chunks.add(new LoadedChunk(open(i, newest)));
    long ref = frozen.series(i).ref;
    HeadChunk chunk = frozen.before(ref, newest);
    while (chunk != null) {
      chunks.addFirst(new ClosedChunk(frozen, ref, chunk));
      chunk = frozen.before(ref, chunk);
    }
    return chunks;
  }

  /** Samples out of order among the others; where both have a time, those in order count. */
  private List<ChunkPointer> merged(
      List<ChunkPointer> inOrder, Intervals deleted, OutOfOrder late) {
    long all = Long.MIN_VALUE;
    List<MergeCursor.Source> sources = new ArrayList<>();
    if (!inOrder.isEmpty()) {
      ChunkSeries series = new ChunkSeries(Labels.EMPTY, inOrder, deleted);
      sources.add(new MergeCursor.Source(new ChunkCursor(series, all, Long.MAX_VALUE), all));
    }
    sources.add(new MergeCursor.Source(late.cursor(all, Long.MAX_VALUE, frozen.rangeMs()), all));
    ChunkEncoder encoder = new ChunkEncoder(MergeCursor.of(sources));
    List<ChunkPointer> merged = new ArrayList<>();
    for (Chunk chunk = encoder.next(); chunk != null; chunk = encoder.next()) {
      merged.add(new LoadedChunk(chunk));
    }
    return merged;
  }

  private byte[] bytes(long ref, HeadChunk chunk) {
    try {
      return frozen.bytes(ref, chunk);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Chunk open(int i, HeadChunk chunk) {
    FrozenHistograms histograms = frozen.openHistograms(i);
    byte[] array = histograms == null ? bytes(frozen.series(i).ref, chunk) : histograms.array();
    int bits = frozen.openBitLength(i);
    byte[] bytes = Arrays.copyOf(array, XorWriter.sizeBytes(bits));
    XorWriter.endAt(bytes, bits, frozen.openCount(i));
    long maxMs = chunk.minMs;
    SampleCursor samples = chunk.encoding().samples(bytes, frozen.openCount(i));
    while (samples.next()) {
      maxMs = samples.timestampMs();
    }
    return new Chunk(chunk.encoding(), chunk.minMs, maxMs, bytes);
  }
}
