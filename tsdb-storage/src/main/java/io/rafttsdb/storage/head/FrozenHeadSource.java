package io.rafttsdb.storage.head;

import io.rafttsdb.storage.block.ChunkPointer;
import io.rafttsdb.storage.block.ChunkSeries;
import io.rafttsdb.storage.block.ChunkSource;
import io.rafttsdb.storage.block.Intervals;
import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.chunk.XorWriter;
import io.rafttsdb.storage.head.FrozenHead.FrozenHistograms;
import io.rafttsdb.storage.index.LabelIndex;
import io.rafttsdb.storage.model.SampleCursor;
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

  /** A chunk that is there as a whole. */
  private record WholeChunk(Chunk load) implements ChunkPointer {
    @Override
    public long minMs() {
      return load.minMs();
    }

    @Override
    public long maxMs() {
      return load.maxMs();
    }
  }

  @Override
  public Iterator<String> symbols() {
    Set<String> symbols = new HashSet<>();
    for (int i : live()) {
      frozen
          .series(i)
          .labels
          .forEach((name, value) -> {
            symbols.add(name);
            symbols.add(value);
          });
    }
    return symbols.stream().sorted(LabelIndex.BYTEWISE).iterator();
  }

  @Override
  public Iterator<ChunkSeries> series() {
    List<Integer> live = live();
    live.sort(Comparator.comparing((Integer i) -> frozen.series(i).labels));
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
    List<WholeChunk> chunks = new ArrayList<>();
    chunks.add(new WholeChunk(open(i)));
    HeadChunk chunk = frozen.newest(i).previous();
    while (chunk != null && chunk.minMs >= frozen.sealedUpToMs()) {
      chunks.addFirst(
          new WholeChunk(
              new Chunk(chunk.encoding, chunk.minMs, chunk.closedMaxMs(), chunk.bytes())));
      chunk = chunk.previous();
    }
    return new ChunkSeries(frozen.series(i).labels, chunks, Intervals.NONE);
  }

  private Chunk open(int i) {
    HeadChunk chunk = frozen.newest(i);
    FrozenHistograms histograms = frozen.openHistograms(i);
    byte[] array = histograms == null ? chunk.bytes() : histograms.array();
    int bits = frozen.openBitLength(i);
    byte[] bytes = Arrays.copyOf(array, XorWriter.sizeBytes(bits));
    XorWriter.endAt(bytes, bits, frozen.openCount(i));
    long maxMs = chunk.minMs;
    SampleCursor samples = chunk.encoding.samples(bytes, frozen.openCount(i));
    while (samples.next()) {
      maxMs = samples.timestampMs();
    }
    return new Chunk(chunk.encoding, chunk.minMs, maxMs, bytes);
  }
}
