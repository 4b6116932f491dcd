package io.rafttsdb.storage.chunk;

import io.rafttsdb.storage.model.BucketLayout;
import io.rafttsdb.storage.model.BucketSpans;
import io.rafttsdb.storage.model.CounterResetHint;
import io.rafttsdb.storage.model.FloatHistogram;
import io.rafttsdb.storage.model.IntegerHistogram;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SampleKind;

/**
 * How a histogram can follow those of a chunk: by Prometheus's rules (tsdb/chunkenc), found out
 * without changing anything.
 *
 * @param fits whether the chunk can take it
 * @param layout layout of the chunk with it; meaningless where it does not fit
 * @param ifRefused what a new chunk says that begins with it because it does not fit
 * @param ifCut what a new chunk says that begins with it because of time or size
 */
public record Continuation(
    boolean fits, BucketLayout layout, CounterState ifRefused, CounterState ifCut) {

  /** What counts are, and how they are compared. */
  private enum Counts {
    INTEGERS {
      @Override
      boolean isLess(long bits, long thanBits) {
        return bits < thanBits;
      }

      @Override
      boolean isZero(long bits) {
        return bits == 0;
      }
    },
    FLOATS {
      @Override
      boolean isLess(long bits, long thanBits) {
        return Double.longBitsToDouble(bits) < Double.longBitsToDouble(thanBits);
      }

      @Override
      boolean isZero(long bits) {
        return Double.longBitsToDouble(bits) == 0;
      }
    };

    abstract boolean isLess(long bits, long thanBits);

    abstract boolean isZero(long bits);
  }

  /**
   * @param newest the chunk's newest histogram
   * @param layout the chunk's layout
   * @param state what the chunk says
   */
  static Continuation of(
      NativeHistogram newest, BucketLayout layout, CounterState state, NativeHistogram next) {
    return next.hint() == CounterResetHint.GAUGE
        ? ofGauge(newest, layout, state, next)
        : ofCounter(newest, layout, state, next);
  }

  private static Continuation ofGauge(
      NativeHistogram newest, BucketLayout layout, CounterState state, NativeHistogram next) {
    boolean fits =
        state == CounterState.GAUGE
            && (next.isStale()
                || (!newest.isStale()
                    && next.layout().sameResolution(layout)
                    && next.layout().sameBounds(layout)));
    return new Continuation(
        fits,
        fits && !next.isStale() ? mergedOfGauge(layout, next.layout()) : layout,
        CounterState.GAUGE,
        CounterState.GAUGE);
  }

  /** A gauge's histogram takes the shortest spans as soon as it lacks a bucket on one side. */
  private static BucketLayout mergedOfGauge(BucketLayout chunk, BucketLayout next) {
    SpansMerge positive = SpansMerge.of(chunk.positive(), next.positive());
    SpansMerge negative = SpansMerge.of(chunk.negative(), next.negative());
    if (!positive.inHistogramOnly() && !negative.inHistogramOnly()) {
      return chunk;
    }
    return positive.inChunkOnly() || negative.inChunkOnly()
        ? chunk.with(positive.union(), negative.union())
        : chunk.with(next.positive(), next.negative());
  }

  private static Continuation ofCounter(
      NativeHistogram newest, BucketLayout layout, CounterState state, NativeHistogram next) {
    if (state == CounterState.GAUGE) {
      return refused(next, layout, CounterState.NOT_RESET);
    }
    if (next.hint() == CounterResetHint.RESET) {
      return refused(next, layout, CounterState.RESET);
    }
    if (next.isStale()) {
      return fitting(layout);
    }
    if (newest.isStale()) {
      return refused(next, layout, CounterState.UNKNOWN);
    }
    if (countFell(newest, next)) {
      return refused(next, layout, CounterState.RESET);
    }
    if (!next.layout().sameResolution(layout)) {
      return refused(next, layout, CounterState.UNKNOWN);
    }
    if (!next.layout().sameBounds(layout) || anyBucketFell(newest, next)) {
      return refused(next, layout, CounterState.RESET);
    }
    return fitting(mergedOfCounter(layout, next.layout()));
  }

  private static Continuation fitting(BucketLayout layout) {
    return new Continuation(true, layout, CounterState.NOT_RESET, CounterState.NOT_RESET);
  }

  /**
   * With float counts, Prometheus takes what it does not know for no reset where it cuts a chunk,
   * and no reset for what it does not know where it refuses to go on.
   */
  private static Continuation refused(
      NativeHistogram next, BucketLayout layout, CounterState found) {
    boolean vague = next.kind() == SampleKind.FLOAT_HISTOGRAM && found != CounterState.RESET;
    return vague
        ? new Continuation(false, layout, CounterState.UNKNOWN, CounterState.NOT_RESET)
        : new Continuation(false, layout, found, found);
  }

  /** A counter's histogram takes the shortest spans on the sides where it lacks a bucket. */
  private static BucketLayout mergedOfCounter(BucketLayout chunk, BucketLayout next) {
    SpansMerge positive = SpansMerge.of(chunk.positive(), next.positive());
    SpansMerge negative = SpansMerge.of(chunk.negative(), next.negative());
    if (!positive.inHistogramOnly() && !negative.inHistogramOnly()) {
      return chunk;
    }
    return chunk.with(
        positive.inChunkOnly() ? positive.union() : next.positive(),
        negative.inChunkOnly() ? negative.union() : next.negative());
  }

  private static boolean countFell(NativeHistogram newest, NativeHistogram next) {
    return switch (newest) {
      case IntegerHistogram before ->
          Long.compareUnsigned(((IntegerHistogram) next).count(), before.count()) < 0;
      case FloatHistogram before ->
          Counts.FLOATS.isLess(((FloatHistogram) next).countBits(), before.countBits());
    };
  }

  private static boolean anyBucketFell(NativeHistogram newest, NativeHistogram next) {
    return switch (newest) {
      case IntegerHistogram before -> {
        IntegerHistogram after = (IntegerHistogram) next;
        yield Long.compareUnsigned(after.zeroCount(), before.zeroCount()) < 0
            || fell(
                Counts.INTEGERS,
                before.layout().positive(),
                IntegerHistogram.counts(before.positiveDeltas()),
                after.layout().positive(),
                IntegerHistogram.counts(after.positiveDeltas()))
            || fell(
                Counts.INTEGERS,
                before.layout().negative(),
                IntegerHistogram.counts(before.negativeDeltas()),
                after.layout().negative(),
                IntegerHistogram.counts(after.negativeDeltas()));
      }
      case FloatHistogram before -> {
        FloatHistogram after = (FloatHistogram) next;
        yield Counts.FLOATS.isLess(after.zeroCountBits(), before.zeroCountBits())
            || fell(
                Counts.FLOATS,
                before.layout().positive(),
                before.positiveBits(),
                after.layout().positive(),
                after.positiveBits())
            || fell(
                Counts.FLOATS,
                before.layout().negative(),
                before.negativeBits(),
                after.layout().negative(),
                after.negativeBits());
      }
    };
  }

  /** Whether the count of a bucket is less than before, or a bucket with a count is gone. */
  private static boolean fell(
      Counts counts, BucketSpans before, long[] was, BucketSpans after, long[] is) {
    int[] beforeIndexes = before.bucketIndexes();
    int[] afterIndexes = after.bucketIndexes();
    int j = 0;
    for (int i = 0; i < was.length; i++) {
      while (j < is.length && afterIndexes[j] < beforeIndexes[i]) {
        j++;
      }
      boolean present = j < is.length && afterIndexes[j] == beforeIndexes[i];
      if (present ? counts.isLess(is[j], was[i]) : !counts.isZero(was[i])) {
        return true;
      }
    }
    return false;
  }
}
