package io.rafttsdb.command;

import io.rafttsdb.storage.model.HistogramEncoding;
import io.rafttsdb.storage.model.NativeHistogram;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The histograms of a request and their places among its samples. */
final class PlacedHistograms {

  private final List<NativeHistogram> histograms = new ArrayList<>();
  private final List<Integer> places = new ArrayList<>();

  /** The first that {@link #at} has not passed. */
  private int next;

  /**
   * @param floatCount samples that are floats
   */
  PlacedHistograms(ByteReader in, int floatCount) throws MalformedBytes {
    long place = -1;
    while (in.remaining() > 0) {
      long floatsBefore = in.uvarint();
      place += floatsBefore + 1;
      if (floatsBefore < 0 || place < 0 || place - histograms.size() > floatCount) {
        throw new MalformedBytes(
            "histogram "
                + histograms.size()
                + " after "
                + Long.toUnsignedString(floatsBefore)
                + " floats, of which there are "
                + floatCount);
      }
      byte[] bytes = in.slice("histogram").rest();
      try {
        histograms.add(HistogramEncoding.decode(bytes));
      } catch (IllegalArgumentException e) {
        throw new MalformedBytes("histogram " + histograms.size() + ": " + e.getMessage());
      }
      places.add((int) place);
    }
  }

  int count() {
    return histograms.size();
  }

  /** The histogram of a sample, or null where it is a float. Samples are asked for in order. */
  @Nullable NativeHistogram at(int sample) {
    if (next == histograms.size() || places.get(next) != sample) {
      return null;
    }
    return histograms.get(next++);
  }
}
