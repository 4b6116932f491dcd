package io.rafttsdb.storage.head;

/**
 * Counts of what the Head has in one aligned block range; no chunk crosses its ends. A series
 * counts in the range of its newest chunk. Owned by the apply thread.
 */
final class RangeTotals {

  final long startMs;
  long minMs = Long.MAX_VALUE;
  long samples;
  long chunks;
  long series;

  /** Memory of its chunks and series. */
  long bytes;

  RangeTotals(long startMs) {
    this.startMs = startMs;
  }

  void add(RangeTotals other) {
    minMs = Math.min(minMs, other.minMs);
    samples += other.samples;
    chunks += other.chunks;
    series += other.series;
    bytes += other.bytes;
  }
}
