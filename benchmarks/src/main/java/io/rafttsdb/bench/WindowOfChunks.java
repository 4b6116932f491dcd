package io.rafttsdb.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rafttsdb.storage.block.ChunkPointer;
import io.rafttsdb.storage.block.ChunkSeries;
import io.rafttsdb.storage.block.ChunkSource;
import io.rafttsdb.storage.block.Intervals;
import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.chunk.ChunkCut;
import io.rafttsdb.storage.chunk.Encoding;
import io.rafttsdb.storage.chunk.XorWriter;
import io.rafttsdb.storage.model.Labels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * The devops series of one block range in memory, chunked as a Head does it; what a sealed Head
 * part is to a block.
 */
final class WindowOfChunks implements ChunkSource {

  private final long rangeMs;
  private final OneSeries[] series;
  private final int[] byLabels;
  private long samples;

  WindowOfChunks(int seriesCount, long rangeMs) {
    this.rangeMs = rangeMs;
    this.series = new OneSeries[seriesCount];
    for (int i = 0; i < seriesCount; i++) {
      series[i] = new OneSeries(BenchSeries.labels(i));
    }
    this.byLabels =
        IntStream.range(0, seriesCount)
            .boxed()
            .sorted((a, b) -> series[a].labels.compareTo(series[b].labels))
            .mapToInt(Integer::intValue)
            .toArray();
  }

  /** Adds a sample of a series, in order of time. */
  void append(int number, long timestampMs, double value) {
    series[number].append(timestampMs, Double.doubleToRawLongBits(value));
    samples++;
  }

  /** Samples since it was cleared. */
  long samples() {
    return samples;
  }

  /** Forgets all samples. */
  void clear() {
    for (OneSeries one : series) {
      one.clear();
    }
    samples = 0;
  }

  @Override
  public Iterator<String> symbols() {
    TreeSet<String> symbols =
        new TreeSet<>((a, b) -> Arrays.compareUnsigned(a.getBytes(UTF_8), b.getBytes(UTF_8)));
    for (OneSeries one : series) {
      one.labels.forEach((name, value) -> {
        symbols.add(name);
        symbols.add(value);
      });
    }
    return symbols.iterator();
  }

  @Override
  public Iterator<ChunkSeries> series() {
    return Arrays.stream(byLabels).mapToObj(number -> series[number].toChunkSeries()).iterator();
  }

  private final class OneSeries {
    private final Labels labels;
    private final XorWriter writer = new XorWriter();
    private final List<ChunkPointer> closed = new ArrayList<>();
    private long startMs;
    private long endMs;

    OneSeries(Labels labels) {
      this.labels = labels;
    }

    void append(long timestampMs, long bits) {
      if (writer.count() == ChunkCut.SAMPLES_PREDICT) {
        endMs = ChunkCut.predictedEndMs(startMs, writer.timestampMs(), endMs);
      }
      if (writer.count() > 0
          && ChunkCut.isDue(writer.count(), writer.sizeBytes(), endMs, timestampMs)) {
        close();
      }
      if (writer.count() == 0) {
        startMs = timestampMs;
        endMs = ChunkCut.rangeEndMs(timestampMs, rangeMs);
      }
      writer.append(timestampMs, bits);
    }

    private void close() {
      closed.add(
          new InMemory(new Chunk(Encoding.XOR, startMs, writer.timestampMs(), writer.toBytes())));
      writer.begin();
    }

    void clear() {
      closed.clear();
      writer.begin();
    }

    ChunkSeries toChunkSeries() {
      if (writer.count() > 0) {
        close();
      }
      return new ChunkSeries(labels, List.copyOf(closed), Intervals.NONE);
    }
  }

  private record InMemory(Chunk chunk) implements ChunkPointer {
    @Override
    public long minMs() {
      return chunk.minMs();
    }

    @Override
    public long maxMs() {
      return chunk.maxMs();
    }

    @Override
    public Chunk load() {
      return chunk;
    }
  }
}
