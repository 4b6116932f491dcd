package io.rafttsdb.storage.head;

import io.rafttsdb.storage.block.ChunkSeries;
import io.rafttsdb.storage.block.Intervals;
import io.rafttsdb.storage.index.Refs;
import io.rafttsdb.storage.model.Bytewise;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SealedRange;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The samples of one aligned range that came out of order, as they were when they were sealed. The
 * chunks of a series are merged into such as follow each other when they are asked for. No label
 * set is there twice, as all series were live at that moment. Immutable.
 */
public final class OutOfOrderPart implements SealedPart {

  private final SealedRange range;
  private final long[] refs;
  private final MemSeries[] series;
  private final OutOfOrder[] samples;
  private final long sampleCount;
  private final long bytes;

  /** What was deleted after the sealing. */
  private final HeadDeletes later;

  /** Collects what each series has, in order of refs. For one thread; the end is the building. */
  static final class Builder {
    private final long[] refs;
    private final MemSeries[] series;
    private final OutOfOrder[] samples;
    private int count;
    private long sampleCount;
    private long bytes;

    Builder(int seriesMax) {
      refs = new long[seriesMax];
      series = new MemSeries[seriesMax];
      samples = new OutOfOrder[seriesMax];
    }

    /** Adds some series and what each has; not empty. */
    void add(MemSeries[] added, OutOfOrder[] has, int addedCount) {
      System.arraycopy(added, 0, series, count, addedCount);
      System.arraycopy(has, 0, samples, count, addedCount);
      for (int i = 0; i < addedCount; i++) {
        refs[count + i] = added[i].ref;
        sampleCount += has[i].sampleCount();
        bytes += has[i].bytes();
      }
      count += addedCount;
    }

    OutOfOrderPart build(SealedRange range) {
      return new OutOfOrderPart(range, this);
    }
  }

  private OutOfOrderPart(SealedRange range, Builder parts) {
    boolean isFull = parts.count == parts.refs.length;
    this.range = range;
    this.refs = isFull ? parts.refs : Arrays.copyOf(parts.refs, parts.count);
    this.series = isFull ? parts.series : Arrays.copyOf(parts.series, parts.count);
    this.samples = isFull ? parts.samples : Arrays.copyOf(parts.samples, parts.count);
    this.sampleCount = parts.sampleCount;
    this.bytes = parts.bytes;
    this.later = HeadDeletes.NONE;
  }

  private OutOfOrderPart(OutOfOrderPart same, HeadDeletes later) {
    this.range = same.range;
    this.refs = same.refs;
    this.series = same.series;
    this.samples = same.samples;
    this.sampleCount = same.sampleCount;
    this.bytes = same.bytes;
    this.later = later;
  }

  /** The same, with deletions that came after it was sealed and are not in its block. */
  OutOfOrderPart without(HeadDeletes deletes) {
    return deletes.isEmpty() ? this : new OutOfOrderPart(this, later.and(deletes));
  }

  /** Deletes [minMs, maxMs] in some series. */
  OutOfOrderPart delete(Refs unwanted, long minMs, long maxMs) {
    HeadDeletes.Builder deletes = new HeadDeletes.Builder();
    for (int i = 0; i < unwanted.count(); i++) {
      if (samplesOf(unwanted.get(i)) != null) {
        deletes.add(unwanted.get(i), minMs, maxMs);
      }
    }
    return without(deletes.build());
  }

  /** What was deleted of a series after the sealing. */
  Intervals deletedLater(long ref) {
    return later.of(ref);
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

  /** All of it is in memory. */
  @Override
  public ChunkLease hold() {
    return ChunkLease.MEMORY;
  }

  int seriesCount() {
    return refs.length;
  }

  MemSeries series(int i) {
    return series[i];
  }

  OutOfOrder samples(int i) {
    return samples[i];
  }

  /** What a series has in this part, as it was sealed, or null. */
  @Nullable OutOfOrder samplesOf(long ref) {
    int place = Arrays.binarySearch(refs, ref);
    return place < 0 ? null : samples[place];
  }

  @Override
  public Iterator<String> symbols() {
    Set<String> symbols = new HashSet<>();
    for (MemSeries each : series) {
      each.labels()
          .forEach((name, value) -> {
            symbols.add(name);
            symbols.add(value);
          });
    }
    return symbols.stream().sorted(Bytewise.ORDER).iterator();
  }

  @Override
  public Iterator<ChunkSeries> series() {
    Labels[] labels = new Labels[refs.length];
    Arrays.setAll(labels, i -> series[i].labels());
    return IntStream.range(0, refs.length)
        .boxed()
        .sorted(Comparator.comparing(i -> labels[i]))
        .map(i -> new ChunkSeries(labels[i], chunks(samples[i]), samples[i].deleted()))
        .iterator();
  }

  private List<LoadedChunk> chunks(OutOfOrder of) {
    return of.merged(range.upToMs() - range.fromMs()).stream().map(LoadedChunk::new).toList();
  }
}
