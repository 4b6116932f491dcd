package io.rafttsdb.storage.head;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counts of what the Head has, range by range, so that a cut knows what it takes away without
 * looking at any series. Owned by the apply thread.
 */
final class HeadTotals {

  /** Holds no timestamp. */
  private static final RangeTotals NONE = new RangeTotals(Long.MAX_VALUE);

  private final TreeMap<Long, RangeTotals> ranges = new TreeMap<>();

  /** Samples out of order by the start of their range. */
  private final TreeMap<Long, Long> outOfOrder = new TreeMap<>();

  private List<Long> outOfOrderRanges = List.of();
  private final RangeTotals all = new RangeTotals(0);
  private long rangeMs = 1;

  /** The range of the last sample: that of most others too. */
  private RangeTotals current = NONE;

  /** Sets the length of ranges, before anything is counted. */
  void rangeMs(long lengthMs) {
    rangeMs = lengthMs;
  }

  /**
   * Counts a sample of a series that was there.
   *
   * @param grownBytes by how much the array of its chunk grew
   */
  void sample(long timestampMs, int grownBytes) {
    RangeTotals range = at(timestampMs);
    range.samples++;
    range.bytes += grownBytes;
    all.samples++;
    all.bytes += grownBytes;
  }

  /** Counts a chunk, and its first samples. */
  void chunk(long minMs, long samples, int arrayBytes) {
    RangeTotals range = at(minMs);
    range.minMs = Math.min(range.minMs, minMs);
    range.samples += samples;
    range.chunks++;
    range.bytes += arrayBytes + HeadChunk.CHUNK_BYTES;
    all.samples += samples;
    all.chunks++;
    all.bytes += arrayBytes + HeadChunk.CHUNK_BYTES;
  }

  /** Corrects the memory of a chunk when it is closed. */
  void closed(long chunkMinMs, int grownBytes) {
    at(chunkMinMs).bytes += grownBytes;
    all.bytes += grownBytes;
  }

  /** Counts a series, or counts it no more. */
  void series(long newestChunkMs, int count, int bytes) {
    RangeTotals range = at(newestChunkMs);
    range.series += count;
    range.bytes += (long) count * bytes;
    all.series += count;
    all.bytes += (long) count * bytes;
  }

  /** Counts a series that no cut takes away, or counts it no more. */
  void pinned(int count, int bytes) {
    all.series += count;
    all.bytes += (long) count * bytes;
  }

  /** Counts a sample out of order. */
  void outOfOrder(long timestampMs, OutOfOrder before, OutOfOrder after) {
    if (outOfOrder.merge(rangeStartMs(timestampMs), 1L, Long::sum) == 1) {
      outOfOrderRanges = List.copyOf(outOfOrder.keySet());
    }
    exchanged(before, after);
  }

  /** Counts all that a series has out of order, from an image. */
  void outOfOrder(OutOfOrder restored) {
    exchanged(OutOfOrder.NONE, restored);
    restored.forEachTime(timestampMs -> outOfOrder.merge(rangeStartMs(timestampMs), 1L, Long::sum));
    outOfOrderRanges = List.copyOf(outOfOrder.keySet());
  }

  /** Counts what a series has left after a sealing. */
  void exchanged(OutOfOrder before, OutOfOrder after) {
    all.samples += after.sampleCount() - before.sampleCount();
    all.chunks += after.chunkCount() - before.chunkCount();
    all.bytes += after.bytes() - before.bytes();
  }

  /** Forgets a range of which all samples out of order were sealed. */
  void sealedOutOfOrder(long startMs) {
    outOfOrder.remove(startMs);
    outOfOrderRanges = List.copyOf(outOfOrder.keySet());
  }

  List<Long> outOfOrderRanges() {
    return outOfOrderRanges;
  }

  boolean isSameRange(long oneMs, long otherMs) {
    return Math.floorDiv(oneMs, rangeMs) == Math.floorDiv(otherMs, rangeMs);
  }

  /** Start of the aligned range of a timestamp. */
  long rangeStartMs(long timestampMs) {
    return Math.floorDiv(timestampMs, rangeMs) * rangeMs;
  }

  /** Takes away all ranges before an aligned time, and returns their sum. */
  RangeTotals cut(long upToMs) {
    RangeTotals taken = new RangeTotals(upToMs);
    Map<Long, RangeTotals> old = ranges.headMap(upToMs, false);
    old.values().forEach(taken::add);
    old.clear();
    all.samples -= taken.samples;
    all.chunks -= taken.chunks;
    all.series -= taken.series;
    all.bytes -= taken.bytes;
    current = NONE;
    return taken;
  }

  long samples() {
    return all.samples;
  }

  long chunks() {
    return all.chunks;
  }

  long series() {
    return all.series;
  }

  long bytes() {
    return all.bytes;
  }

  /** Oldest timestamp, or {@link Long#MAX_VALUE}. */
  long minMs() {
    return ranges.isEmpty() ? Long.MAX_VALUE : ranges.firstEntry().getValue().minMs;
  }

  /** The aligned range that holds a timestamp. */
  private RangeTotals at(long timestampMs) {
    if (timestampMs >= current.startMs && timestampMs - current.startMs < rangeMs) {
      return current;
    }
    current = ranges.computeIfAbsent(rangeStartMs(timestampMs), RangeTotals::new);
    return current;
  }
}
