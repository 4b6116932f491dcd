package io.rafttsdb.storage.chunk;

import io.rafttsdb.storage.model.BucketSpans;
import java.util.Arrays;

/**
 * How the buckets of a chunk and those of a histogram lie to each other, on one side.
 *
 * @param inChunkOnly whether the histogram lacks a bucket of the chunk
 * @param inHistogramOnly whether the chunk lacks a bucket of the histogram
 * @param union spans of all buckets, in the shortest form and in an order that both keep
 */
record SpansMerge(boolean inChunkOnly, boolean inHistogramOnly, BucketSpans union) {

  static SpansMerge of(BucketSpans chunk, BucketSpans histogram) {
    if (chunk.equals(histogram)) {
      return new SpansMerge(false, false, chunk);
    }
    int[] a = chunk.bucketIndexes();
    int[] b = histogram.bucketIndexes();
    int[] all = new int[a.length + b.length];
    int count = 0;
    int i = 0;
    int j = 0;
    while (i < a.length || j < b.length) {
      int index = j == b.length || (i < a.length && a[i] <= b[j]) ? a[i] : b[j];
      all[count++] = index;
      i += i < a.length && a[i] == index ? 1 : 0;
      j += j < b.length && b[j] == index ? 1 : 0;
    }
    return new SpansMerge(
        count > b.length, count > a.length, BucketSpans.ofIndexes(Arrays.copyOf(all, count)));
  }
}
