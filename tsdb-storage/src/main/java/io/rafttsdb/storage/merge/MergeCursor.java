package io.rafttsdb.storage.merge;

import io.rafttsdb.storage.model.CounterResetHint;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SampleKind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Walks the samples of several cursors as those of one: in order of time, each timestamp once. Of
 * samples with equal timestamps that of the first cursor is seen.
 *
 * <p>Lazy: a cursor is not asked before its turn comes, and a seek asks only those that the sample
 * sought may come from.
 */
public final class MergeCursor implements SampleCursor {

  /** By time; before samples of a time what may turn out to be one; then by rank. */
  private static final Comparator<Part> NEXT_FIRST =
      Comparator.comparingLong((Part part) -> part.timestampMs)
          .thenComparing(part -> part.isOnSample)
          .thenComparingInt(part -> part.rank);

  /**
   * A cursor to merge, which nobody has moved yet.
   *
   * @param fromMs no sample of it is before; {@link Long#MIN_VALUE} where that is not known
   */
  public record Source(SampleCursor cursor, long fromMs) {}

  private static final class Part {
    final SampleCursor cursor;
    final int rank;

    /** Of the sample that the cursor stands on, or a time that its next sample is not before. */
    long timestampMs;

    boolean isOnSample;

    Part(Source source, int rank) {
      this.cursor = source.cursor;
      this.rank = rank;
      this.timestampMs = source.fromMs;
    }

    /** To the next sample. False at the end. */
    boolean next() {
      return arrive(cursor.next());
    }

    /** To the first sample at or after the time that is known. False at the end. */
    boolean settle() {
      return arrive(cursor.seek(timestampMs));
    }

    NativeHistogram histogramAfterOther() {
      NativeHistogram histogram = cursor.histogram();
      return histogram.hint() == CounterResetHint.GAUGE
          ? histogram
          : histogram.with(CounterResetHint.UNKNOWN);
    }

    private boolean arrive(boolean isThere) {
      if (isThere) {
        timestampMs = cursor.timestampMs();
        isOnSample = true;
      }
      return isThere;
    }
  }

  /** All that may have further samples, but the present. */
  private final PriorityQueue<Part> others;

  /** What the present sample comes from; null before the first and at the end. */
  private @Nullable Part present;

  /**
   * Whether the present sample comes right behind the one before of the same cursor. Otherwise what
   * a histogram says of a counter reset since the sample before is about another sample.
   */
  private boolean isConsecutive;

  private boolean isAtEnd;

  /** A cursor over others, of which the first wins where timestamps are equal. */
  public static SampleCursor of(List<Source> sources) {
    return sources.size() == 1 ? sources.getFirst().cursor : new MergeCursor(sources);
  }

  private MergeCursor(List<Source> sources) {
    others = new PriorityQueue<>(Math.max(1, sources.size()), NEXT_FIRST);
    for (int rank = 0; rank < sources.size(); rank++) {
      others.add(new Part(sources.get(rank), rank));
    }
  }

  @Override
  public boolean next() {
    if (isAtEnd) {
      return false;
    }
    Part left = present;
    if (left != null) {
      long leftMs = left.timestampMs;
      if (!left.next()) {
        present = null;
      }
      passOver(leftMs);
    }
    boolean isThere = settle();
    isConsecutive = left != null && left == present;
    return isThere;
  }

  @Override
  public boolean seek(long timestampMs) {
    if (isAtEnd) {
      return false;
    }
    if (present != null && present.timestampMs >= timestampMs) {
      return true;
    }
    List<Part> behind = new ArrayList<>();
    if (present != null) {
      behind.add(present);
      present = null;
    }
    while (!others.isEmpty() && others.peek().timestampMs < timestampMs) {
      behind.add(others.poll());
    }
    for (Part part : behind) {
      part.timestampMs = timestampMs;
      part.isOnSample = false;
      others.add(part);
    }
    isConsecutive = false;
    return settle();
  }

  /** Moves the others beyond a sample that was seen. */
  private void passOver(long timestampMs) {
    while (!others.isEmpty() && others.peek().timestampMs == timestampMs) {
      Part same = others.poll();
      if (same.next()) {
        others.add(same);
      }
    }
  }

  /** Finds the next sample's cursor; the present one keeps its place while no other comes first. */
  private boolean settle() {
    while (true) {
      Part first = others.peek();
      Part stayed = present;
      if (stayed != null) {
        if (first == null || NEXT_FIRST.compare(stayed, first) < 0) {
          return true;
        }
        others.add(stayed);
        present = null;
      }
      first = others.poll();
      if (first == null) {
        isAtEnd = true;
        return false;
      }
      if (first.isOnSample) {
        present = first;
        return true;
      }
      if (first.settle()) {
        others.add(first);
      }
    }
  }

  private Part present() {
    if (present == null) {
      throw new IllegalStateException(isAtEnd ? "at the end" : "before the first sample");
    }
    return present;
  }

  @Override
  public long timestampMs() {
    return present().timestampMs;
  }

  @Override
  public long valueBits() {
    return present().cursor.valueBits();
  }

  @Override
  public SampleKind kind() {
    return present().cursor.kind();
  }

  @Override
  public NativeHistogram histogram() {
    return isConsecutive ? present().cursor.histogram() : present().histogramAfterOther();
  }
}
