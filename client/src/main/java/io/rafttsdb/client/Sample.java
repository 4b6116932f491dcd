package io.rafttsdb.client;

/**
 * One float sample.
 *
 * @param timestampMs milliseconds since 1970
 * @param valueBits the value as bits: a stale marker and other NaNs differ in bits only
 */
public record Sample(long timestampMs, long valueBits) {

  /** The bits of the stale marker, which says that a series has ended. */
  public static final long STALE_BITS = 0x7ff0000000000002L;

  public static Sample of(long timestampMs, double value) {
    return new Sample(timestampMs, Double.doubleToRawLongBits(value));
  }

  public double value() {
    return Double.longBitsToDouble(valueBits);
  }

  public boolean isStale() {
    return valueBits == STALE_BITS;
  }
}
