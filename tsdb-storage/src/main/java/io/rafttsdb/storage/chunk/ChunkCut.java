package io.rafttsdb.storage.chunk;

/**
 * When a chunk ends and the next begins: Prometheus's rules for its Head (tsdb/head_append.go), so
 * that blocks get the same chunks. A function of the series' samples alone: no restart, snapshot or
 * reader changes where a chunk is cut.
 */
public final class ChunkCut {

  /** Samples that a chunk should have. */
  public static final int SAMPLES_TARGET = 120;

  /** Count at which the chunk's end is predicted from the rate of its samples so far. */
  public static final int SAMPLES_PREDICT = SAMPLES_TARGET / 4;

  /** A chunk never has more samples. */
  public static final int SAMPLES_MAX = SAMPLES_TARGET * 2;

  /** A chunk never has more bytes. */
  public static final int SIZE_BYTES_MAX = 1024;

  /**
   * Beyond this size the next sample, of at most {@link XorWriter#SAMPLE_BYTES_MAX}, may not fit.
   */
  private static final int SIZE_BYTES_FULL = SIZE_BYTES_MAX - XorWriter.SAMPLE_BYTES_MAX;

  private ChunkCut() {}

  /**
   * Whether the next sample begins a new chunk.
   *
   * @param sizeBytes size of the open chunk, with its count of samples
   * @param endMs end of the open chunk, exclusive
   */
  public static boolean isDue(int sampleCount, int sizeBytes, long endMs, long nextTimestampMs) {
    return nextTimestampMs >= endMs || sampleCount >= SAMPLES_MAX || sizeBytes > SIZE_BYTES_FULL;
  }

  /**
   * End, exclusive, of the aligned range that holds a timestamp: no chunk crosses it. Differs from
   * Prometheus before 1970, where its range around 0 is twice as long.
   */
  public static long rangeEndMs(long timestampMs, long rangeMs) {
    long endMs = (Math.floorDiv(timestampMs, rangeMs) + 1) * rangeMs;
    return endMs > timestampMs ? endMs : Long.MAX_VALUE;
  }

  /**
   * End, exclusive, of a chunk that has {@link #SAMPLES_PREDICT} samples, chosen so that the chunks
   * up to the end of the range get equally many.
   *
   * @param startMs its first timestamp
   * @param newestMs its newest timestamp
   * @param endMs its end so far
   */
  public static long predictedEndMs(long startMs, long newestMs, long endMs) {
    return predictedEndMs(startMs, newestMs, endMs, (double) SAMPLES_TARGET / SAMPLES_PREDICT);
  }

  /**
   * End of a chunk that should hold so many times as much as it holds now.
   *
   * @param ratioToFull 1 or more, or a little less
   */
  static long predictedEndMs(long startMs, long newestMs, long endMs, double ratioToFull) {
    double chunks = (endMs - startMs) / ((newestMs - startMs + 1) * ratioToFull);
    if (chunks <= 1) {
      return endMs;
    }
    return (long) (startMs + (endMs - startMs) / Math.floor(chunks));
  }
}
