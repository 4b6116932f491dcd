package io.rafttsdb.command;

import io.rafttsdb.storage.model.SampleBatch;

/**
 * The timestamps of a request: runs of equal differences, so that a scrape (all timestamps equal)
 * and a regular series (all steps equal) cost a few bytes each, whatever their length.
 */
final class Timestamps {
  /** Runs; every timestamp lies within ±{@link #RUN_RANGE_MS}, so that no difference overflows. */
  private static final int RUNS = 0;

  /** Eight bytes each. */
  private static final int FIXED = 1;

  private static final long RUN_RANGE_MS = 1L << 60;

  private Timestamps() {}

  static void encode(SampleBatch batch, ByteWriter out) {
    int count = batch.sampleCount();
    boolean runs = true;
    for (int i = 0; i < count && runs; i++) {
      runs = inRunRange(batch.timestampMs(i));
    }
    out.u8(runs ? RUNS : FIXED);
    if (runs) {
      encodeRuns(batch, out);
    } else {
      for (int i = 0; i < count; i++) {
        out.fixed64(batch.timestampMs(i));
      }
    }
  }

  /** A run is {@code uvarint(zigzag(step) << 1 | more), [uvarint(length - 2) if more]}. */
  private static void encodeRuns(SampleBatch batch, ByteWriter out) {
    int count = batch.sampleCount();
    long previous = 0;
    for (int i = 0; i < count; ) {
      long step = batch.timestampMs(i) - previous;
      int end = i + 1;
      while (end < count && batch.timestampMs(end) - batch.timestampMs(end - 1) == step) {
        end++;
      }
      int length = end - i;
      out.uvarint(ByteWriter.zigzag(step) << 1 | (length > 1 ? 1 : 0));
      if (length > 1) {
        out.uvarint(length - 2);
      }
      previous = batch.timestampMs(end - 1);
      i = end;
    }
  }

  /** Timestamps of exactly {@code count} samples, which the caller knows to be a sane number. */
  static long[] decode(ByteReader in, int count) throws MalformedBytes {
    int mode = in.u8();
    long[] timestampsMs =
        switch (mode) {
          case RUNS -> decodeRuns(in, count);
          case FIXED -> decodeFixed(in, count);
          default -> throw new MalformedBytes("timestamp mode " + mode + ", expected 0 or 1");
        };
    in.expectEnd("the timestamps");
    return timestampsMs;
  }

  private static long[] decodeRuns(ByteReader in, int count) throws MalformedBytes {
    long[] timestampsMs = new long[count];
    long previous = 0;
    for (int i = 0; i < count; ) {
      long code = in.uvarint();
      long step = ByteReader.unzigzag(code >>> 1);
      boolean single = (code & 1) == 0;
      long length = single ? 1 : in.uvarint() + 2;
      if (length < (single ? 1 : 2) || length > count - i) {
        throw new MalformedBytes(
            "run of " + length + " timestamps where " + (count - i) + " samples are left");
      }
      for (int end = i + (int) length; i < end; i++) {
        previous += step;
        if (!inRunRange(previous)) {
          throw new MalformedBytes("timestamp " + previous + " in a run, expected within ±2^60");
        }
        timestampsMs[i] = previous;
      }
    }
    return timestampsMs;
  }

  private static long[] decodeFixed(ByteReader in, int count) throws MalformedBytes {
    long[] timestampsMs = new long[count];
    for (int i = 0; i < count; i++) {
      timestampsMs[i] = in.fixed64();
    }
    return timestampsMs;
  }

  private static boolean inRunRange(long timestampMs) {
    return timestampMs >= -RUN_RANGE_MS && timestampMs <= RUN_RANGE_MS;
  }
}
