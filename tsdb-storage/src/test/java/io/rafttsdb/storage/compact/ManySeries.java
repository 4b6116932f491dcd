package io.rafttsdb.storage.compact;

import io.rafttsdb.storage.block.ChunkPointer;
import io.rafttsdb.storage.block.ChunkSeries;
import io.rafttsdb.storage.block.ChunkSource;
import io.rafttsdb.storage.block.Intervals;
import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.chunk.Encoding;
import io.rafttsdb.storage.chunk.XorWriter;
import io.rafttsdb.storage.model.Labels;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** Many series that are made when they are asked for; knows which of their chunks are in use. */
final class ManySeries implements ChunkSource {

  /** Chunks a series. */
  static final int CHUNKS = 8;

  private static final int SAMPLES = 30;
  private static final long STEP_MS = 100;

  private final int count;
  private final long fromMs;
  private final List<WeakReference<byte[]>> loaded = new ArrayList<>();

  ManySeries(int count, long fromMs) {
    this.count = count;
    this.fromMs = fromMs;
  }

  @Override
  public Iterator<String> symbols() {
    TreeSet<String> symbols = new TreeSet<>(List.of("", "__name__", "many", "n"));
    IntStream.range(0, count).mapToObj(ManySeries::number).forEach(symbols::add);
    return symbols.iterator();
  }

  @Override
  public Iterator<ChunkSeries> series() {
    return IntStream.range(0, count).mapToObj(this::series).iterator();
  }

  private static String number(int n) {
    return String.format(Locale.ROOT, "%06d", n);
  }

  private ChunkSeries series(int n) {
    List<ChunkPointer> chunks = new ArrayList<>();
    for (int i = 0; i < CHUNKS; i++) {
      chunks.add(new Made(fromMs + STEP_MS * SAMPLES * i, n));
    }
    return new ChunkSeries(Labels.of("__name__", "many", "n", number(n)), chunks, Intervals.NONE);
  }

  /** Chunks that were loaded so far. */
  int loaded() {
    return loaded.size();
  }

  /** Those of them that something still refers to. */
  @SuppressWarnings("CallingSystemGC") // what is not referred to goes now
  int live() {
    System.gc();
    return (int) loaded.stream().filter(chunk -> chunk.get() != null).count();
  }

  private final class Made implements ChunkPointer {
    private final long startMs;
    private final int seed;

    Made(long startMs, int seed) {
      this.startMs = startMs;
      this.seed = seed;
    }

    @Override
    public long minMs() {
      return startMs;
    }

    @Override
    public long maxMs() {
      return startMs + (SAMPLES - 1) * STEP_MS;
    }

    @Override
    public Chunk load() {
      XorWriter writer = new XorWriter();
      for (int i = 0; i < SAMPLES; i++) {
        writer.append(startMs + i * STEP_MS, Double.doubleToRawLongBits(seed * 31.7 + i * i));
      }
      byte[] bytes = writer.toBytes();
      loaded.add(new WeakReference<>(bytes));
      return new Chunk(Encoding.XOR, minMs(), maxMs(), bytes);
    }
  }
}
