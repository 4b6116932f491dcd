package io.rafttsdb.storage.head;

import io.rafttsdb.storage.block.ChunkSeries;
import io.rafttsdb.storage.block.Intervals;
import io.rafttsdb.storage.block.Intervals.Interval;
import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.chunk.ChunkCut;
import io.rafttsdb.storage.chunk.Encoding;
import io.rafttsdb.storage.chunk.XorReader;
import io.rafttsdb.storage.chunk.XorWriter;
import io.rafttsdb.storage.head.MemSeries.Stored;
import io.rafttsdb.storage.merge.ChunkCursor;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleCursor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The samples of a series that came out of order: an open buffer, sorted, and chunks made of full
 * buffers, which may overlap each other but never cross a border of block ranges. As Prometheus has
 * it (tsdb/ooo_head.go), with copies in place of locks: immutable, so a reader keeps the one that
 * it captured.
 */
final class OutOfOrder {

  /** Samples of a full buffer. */
  static final int BUFFER_SAMPLES = 32;

  /** Accounted memory of a sample in the buffer. */
  static final int SAMPLE_BYTES = 16;

  static final OutOfOrder NONE =
      new OutOfOrder(List.of(), new long[0], new long[0], Intervals.NONE);

  private final List<Chunk> chunks;
  private final long[] timesMs;
  private final long[] bits;
  private final Intervals deleted;

  /**
   * @param chunks in the order in which they were closed
   * @param timesMs of the buffer, ascending
   * @param bits the values' bits
   * @param deleted what of them is not to be seen
   */
  OutOfOrder(List<Chunk> chunks, long[] timesMs, long[] bits, Intervals deleted) {
    this.chunks = chunks;
    this.timesMs = timesMs;
    this.bits = bits;
    this.deleted = deleted;
  }

  List<Chunk> chunks() {
    return chunks;
  }

  int bufferCount() {
    return timesMs.length;
  }

  long bufferMs(int i) {
    return timesMs[i];
  }

  long bufferBits(int i) {
    return bits[i];
  }

  Intervals deleted() {
    return deleted;
  }

  /** These, with what was deleted besides. */
  OutOfOrder without(Intervals more) {
    Intervals all = deleted;
    for (Interval each : more.ranges()) {
      all = all.with(each.minMs(), each.maxMs());
    }
    return all.equals(deleted) ? this : new OutOfOrder(chunks, timesMs, bits, all);
  }

  /** These after a deletion of [fromMs, toMs], which is about the samples that are there. */
  OutOfOrder delete(long fromMs, long toMs) {
    long oldestMs = timesMs.length == 0 ? Long.MAX_VALUE : timesMs[0];
    long newestMs = timesMs.length == 0 ? Long.MIN_VALUE : timesMs[timesMs.length - 1];
    for (Chunk chunk : chunks) {
      oldestMs = Math.min(oldestMs, chunk.minMs());
      newestMs = Math.max(newestMs, chunk.maxMs());
    }
    long minMs = Math.max(fromMs, oldestMs);
    long maxMs = Math.min(toMs, newestMs);
    return minMs > maxMs ? this : without(Intervals.NONE.with(minMs, maxMs));
  }

  boolean isEmpty() {
    return chunks.isEmpty() && timesMs.length == 0;
  }

  long sampleCount() {
    long count = timesMs.length;
    for (Chunk chunk : chunks) {
      count += chunk.sampleCount();
    }
    return count;
  }

  /** Accounted memory. */
  long bytes() {
    long bytes = (long) timesMs.length * SAMPLE_BYTES;
    for (Chunk chunk : chunks) {
      bytes += chunk.data().length + HeadChunk.CHUNK_BYTES;
    }
    return bytes;
  }

  /** Does something with every timestamp, in no order. */
  void forEachTime(LongConsumer action) {
    Arrays.stream(timesMs).forEach(action);
    for (Chunk chunk : chunks) {
      XorReader reader = new XorReader(chunk.data(), chunk.sampleCount());
      while (reader.next()) {
        action.accept(reader.timestampMs());
      }
    }
  }

  /** What is stored at a timestamp. */
  Stored find(long timestampMs, long valueBits) {
    int place = Arrays.binarySearch(timesMs, timestampMs);
    if (place >= 0) {
      return bits[place] == valueBits ? Stored.SAME_VALUE : Stored.OTHER_VALUE;
    }
    for (Chunk chunk : chunks) {
      if (chunk.minMs() <= timestampMs && timestampMs <= chunk.maxMs()) {
        Stored found =
            MemSeries.find(
                new XorReader(chunk.data(), chunk.sampleCount()), timestampMs, valueBits);
        if (found != Stored.NOTHING) {
          return found;
        }
      }
    }
    return Stored.NOTHING;
  }

  /** These and one more sample, at a timestamp where none is. */
  OutOfOrder with(long timestampMs, long valueBits, long rangeMs) {
    int place = -Arrays.binarySearch(timesMs, timestampMs) - 1;
    long[] times = inserted(timesMs, place, timestampMs);
    long[] values = inserted(bits, place, valueBits);
    if (times.length < BUFFER_SAMPLES) {
      return new OutOfOrder(chunks, times, values, deleted);
    }
    List<Chunk> more = new ArrayList<>(chunks);
    more.addAll(encode(times, values, rangeMs));
    return new OutOfOrder(List.copyOf(more), new long[0], new long[0], deleted);
  }

  private static long[] inserted(long[] array, int place, long value) {
    long[] longer = Arrays.copyOf(array, array.length + 1);
    System.arraycopy(array, place, longer, place + 1, array.length - place);
    longer[place] = value;
    return longer;
  }

  /** What of these lies in [fromMs, upToMs), both aligned. */
  OutOfOrder between(long fromMs, long upToMs) {
    return select(time -> time >= fromMs && time < upToMs);
  }

  /** What of these lies outside of [fromMs, upToMs), both aligned. */
  OutOfOrder outside(long fromMs, long upToMs) {
    return select(time -> time < fromMs || time >= upToMs);
  }

  private OutOfOrder select(LongPredicate isWanted) {
    List<Chunk> some = chunks.stream().filter(chunk -> isWanted.test(chunk.minMs())).toList();
    long[] times = new long[timesMs.length];
    long[] values = new long[timesMs.length];
    int n = 0;
    for (int i = 0; i < timesMs.length; i++) {
      if (isWanted.test(timesMs[i])) {
        times[n] = timesMs[i];
        values[n++] = bits[i];
      }
    }
    return new OutOfOrder(some, Arrays.copyOf(times, n), Arrays.copyOf(values, n), deleted);
  }

  /**
   * Whether a chunk, or what of the buffer would become one, reaches into [minMs, maxMs] and is not
   * deleted.
   */
  boolean reaches(long minMs, long maxMs, long rangeMs) {
    for (Chunk chunk : chunks) {
      if (chunk.minMs() <= maxMs
          && chunk.maxMs() >= minMs
          && !deleted.covers(chunk.minMs(), chunk.maxMs())) {
        return true;
      }
    }
    for (int start = 0; start < timesMs.length; ) {
      int end = rangeEnd(timesMs, start, rangeMs);
      if (timesMs[start] <= maxMs
          && timesMs[end - 1] >= minMs
          && !deleted.covers(timesMs[start], timesMs[end - 1])) {
        return true;
      }
      start = end;
    }
    return false;
  }

  /** All samples as chunks that follow each other, none across a border of block ranges. */
  List<Chunk> merged(long rangeMs) {
    int count = Math.toIntExact(sampleCount());
    long[][] samples = new long[count][];
    int n = 0;
    for (int i = 0; i < timesMs.length; i++) {
      samples[n++] = new long[] {timesMs[i], bits[i]};
    }
    for (Chunk chunk : chunks) {
      XorReader reader = new XorReader(chunk.data(), chunk.sampleCount());
      while (reader.next()) {
        samples[n++] = new long[] {reader.timestampMs(), reader.valueBits()};
      }
    }
    Arrays.sort(samples, (a, b) -> Long.compare(a[0], b[0]));
    long[] times = new long[count];
    long[] values = new long[count];
    for (int i = 0; i < count; i++) {
      times[i] = samples[i][0];
      values[i] = samples[i][1];
    }
    return encode(times, values, rangeMs);
  }

  /** Walks the samples of [minMs, maxMs] that are not deleted. */
  SampleCursor cursor(long minMs, long maxMs, long rangeMs) {
    return new ChunkCursor(
        new ChunkSeries(
            Labels.EMPTY, merged(rangeMs).stream().map(LoadedChunk::new).toList(), deleted),
        minMs,
        maxMs);
  }

  private static List<Chunk> encode(long[] times, long[] values, long rangeMs) {
    List<Chunk> encoded = new ArrayList<>();
    XorWriter writer = new XorWriter();
    long startMs = 0;
    long endMs = Long.MIN_VALUE;
    for (int i = 0; i < times.length; i++) {
      if (writer.count() >= ChunkCut.SAMPLES_TARGET
          || ChunkCut.isDue(writer.count(), writer.sizeBytes(), endMs, times[i])) {
        close(writer, startMs, encoded);
        startMs = times[i];
        endMs = ChunkCut.rangeEndMs(startMs, rangeMs);
        writer.begin();
      }
      writer.append(times[i], values[i]);
    }
    close(writer, startMs, encoded);
    return encoded;
  }

  private static void close(XorWriter writer, long startMs, List<Chunk> encoded) {
    if (writer.count() > 0) {
      encoded.add(new Chunk(Encoding.XOR, startMs, writer.timestampMs(), writer.toBytes()));
    }
  }

  private static int rangeEnd(long[] times, int start, long rangeMs) {
    long endMs = ChunkCut.rangeEndMs(times[start], rangeMs);
    int end = start + 1;
    while (end < times.length && times[end] < endMs) {
      end++;
    }
    return end;
  }

  /** These or, where there are none, null. */
  @Nullable OutOfOrder orNull() {
    return isEmpty() ? null : this;
  }
}
