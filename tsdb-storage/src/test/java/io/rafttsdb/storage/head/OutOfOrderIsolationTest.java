package io.rafttsdb.storage.head;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.block.ChunkPointer;
import io.rafttsdb.storage.block.ChunkSeries;
import io.rafttsdb.storage.model.BucketLayout;
import io.rafttsdb.storage.model.BucketSpans;
import io.rafttsdb.storage.model.CaptureOverrun;
import io.rafttsdb.storage.model.CounterResetHint;
import io.rafttsdb.storage.model.CutResult;
import io.rafttsdb.storage.model.IntegerHistogram;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SampleKind;
import io.rafttsdb.storage.model.SealedRange;
import io.rafttsdb.storage.model.Selection;
import io.rafttsdb.storage.model.SeriesView;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Readers capture while the writer adds on both sides: entry i has a sample i steps after a middle,
 * in order, and from the second entry on one i steps before it, out of order; every third is a
 * histogram. So a capture is right exactly when every series has all samples from index steps
 * before to index steps after, whatever was cut meanwhile.
 */
class OutOfOrderIsolationTest {

  private static final int SERIES = 20;
  private static final int READERS = 2;
  private static final int ENTRIES = 1200;
  private static final long RANGE_MS = 1000;
  private static final long STEP_MS = 20;
  private static final long MIDDLE_MS = 1000 * RANGE_MS;
  private static final int ENTRIES_PER_CAPTURE = 8;

  private final Head head = new Head(256);
  private final HeadReader reader = new HeadReader(head);
  private final AtomicInteger captures = new AtomicInteger();
  private final AtomicInteger readersLeft = new AtomicInteger(READERS);
  private volatile boolean isWritten;

  @Test
  void everyCaptureIsTheStateAfterItsEntry() throws Exception {
    head.configure(new Settings(RANGE_MS, MIDDLE_MS));
    try (ExecutorService threads = Executors.newFixedThreadPool(READERS)) {
      List<Future<Integer>> readers = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        readers.add(threads.submit(readUntilDone()));
      }
      try {
        for (long entry = 0; entry < ENTRIES && readersLeft.get() > 0; entry++) {
          writeEntry(entry);
          if (entry % ENTRIES_PER_CAPTURE == 0) {
            awaitCapture();
          }
        }
      } finally {
        isWritten = true;
      }
      int captured = 0;
      for (Future<Integer> done : readers) {
        captured += done.get();
      }
      assertThat(captured).isGreaterThanOrEqualTo(ENTRIES / ENTRIES_PER_CAPTURE);
      checkParts(ENTRIES);
    }
  }

  private void awaitCapture() {
    int before = captures.get();
    while (captures.get() == before && readersLeft.get() > 0) {
      Thread.onSpinWait();
    }
  }

  private void writeEntry(long entry) {
    SampleBatch.Builder batch = new SampleBatch.Builder();
    for (int i = 0; i < SERIES; i++) {
      batch.series(Labels.of("i", String.valueOf(i)));
      add(batch, entry);
      if (entry > 0) {
        add(batch, -entry);
      }
    }
    head.append(batch.build());
    if (entry % 30 == 29) {
      long upToMs = MIDDLE_MS + entry * STEP_MS - RANGE_MS / 2;
      head.cut(upToMs - upToMs % RANGE_MS, new Ulid(1, entry));
      sealOutOfOrder(entry);
    }
    head.publish(entry);
  }

  private static void add(SampleBatch.Builder batch, long number) {
    if (number % 3 == 0) {
      batch.histogram(MIDDLE_MS + number * STEP_MS, histogram(number));
    } else {
      batch.sample(MIDDLE_MS + number * STEP_MS, number);
    }
  }

  private static IntegerHistogram histogram(long number) {
    return new IntegerHistogram(
        BucketLayout.exponential(0, 0, BucketSpans.of((int) number % 7, 1), BucketSpans.NONE),
        CounterResetHint.GAUGE,
        number,
        0,
        number,
        new long[] {number},
        new long[0]);
  }

  private void sealOutOfOrder(long entry) {
    List<SealedRange> ranges = new ArrayList<>();
    for (SealedRange waiting : head.published().waiting()) {
      head.built(waiting.ulid());
    }
    for (long fromMs : head.published().outOfOrderRanges()) {
      Ulid ulid = new Ulid(fromMs, entry);
      ranges.add(new SealedRange(ulid, SealedRange.Kind.OUT_OF_ORDER, fromMs, fromMs + RANGE_MS));
    }
    if (head.published().sealedUpToMs() > MIDDLE_MS) {
      assertThat(head.cutOutOfOrder(ranges)).isInstanceOf(CutResult.Sealed.class);
    }
  }

  private Callable<Integer> readUntilDone() {
    return () -> {
      int done = 0;
      try {
        while (!isWritten) {
          try {
            Selection all = new Selection(List.of(), Long.MIN_VALUE, Long.MAX_VALUE);
            check(reader.select(List.of(all), Integer.MAX_VALUE));
            done++;
            captures.incrementAndGet();
          } catch (CaptureOverrun e) {
            Thread.onSpinWait();
          }
        }
        return done;
      } finally {
        readersLeft.decrementAndGet();
      }
    };
  }

  private static void check(HeadCapture capture) {
    long index = capture.index();
    List<HeadSeriesView> views = capture.series().getFirst();
    assertThat(views).hasSize(index == Head.NOTHING_PUBLISHED ? 0 : SERIES);
    for (SeriesView view : views) {
      long expected = -index;
      SampleCursor cursor = view.samples();
      while (cursor.next()) {
        boolean isSame =
            expected % 3 == 0
                ? cursor.kind() == SampleKind.HISTOGRAM
                    && cursor.histogram().sameSample(histogram(expected))
                : cursor.kind() == SampleKind.FLOAT && cursor.valueBits() == expected;
        if (!isSame || cursor.timestampMs() != MIDDLE_MS + expected * STEP_MS) {
          throw new AssertionError(
              view.labels()
                  + " has another sample at "
                  + cursor.timestampMs()
                  + " than "
                  + expected);
        }
        expected++;
      }
      assertThat(expected).isEqualTo(index + 1);
    }
  }

  /** All parts together have each sample that is not in the Head once, each in its range. */
  private void checkParts(long entries) {
    long samples = 0;
    for (SealedPart part : reader.parts()) {
      long ofPart = 0;
      for (Iterator<ChunkSeries> all = part.series(); all.hasNext(); ) {
        long lastMs = part.range().fromMs() - 1;
        for (ChunkPointer chunk : all.next().chunks()) {
          assertThat(chunk.minMs()).isGreaterThan(lastMs);
          lastMs = chunk.maxMs();
          ofPart += loaded(chunk);
        }
        assertThat(lastMs).isLessThan(part.range().upToMs());
      }
      assertThat(ofPart).isEqualTo(part.sampleCount());
      samples += ofPart;
    }
    assertThat(samples + reader.stats().sampleCount()).isEqualTo(SERIES * (2 * entries - 1));
  }

  private static int loaded(ChunkPointer chunk) {
    try {
      return chunk.load().sampleCount();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
