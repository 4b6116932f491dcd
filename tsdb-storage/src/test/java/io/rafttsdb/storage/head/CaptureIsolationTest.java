package io.rafttsdb.storage.head;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.model.CaptureOverrun;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Matcher;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.Selection;
import io.rafttsdb.storage.model.SeriesView;
import io.rafttsdb.storage.model.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Readers capture while the writer appends. Entry i adds to every series one sample of value i, and
 * now and then creates a series; so a capture is right exactly when every series in it has the
 * samples from the one of its birth to that of the capture's index.
 */
class CaptureIsolationTest {

  private static final int SERIES = 50;
  private static final int SERIES_LATER = 100;
  private static final int READERS = 3;
  private static final int CAPTURES = 300;

  @TempDir private Path directory;

  /** Entries before the published one of which a capture asks the samples. */
  private static final int ENTRIES_BACK = 20;

  /** The writer waits for a capture so often, lest it runs away from slow readers. */
  private static final int ENTRIES_PER_CAPTURE = 16;

  private Head head = new Head(64);
  private HeadReader reader = new HeadReader(head);
  private final AtomicInteger captures = new AtomicInteger();
  private final AtomicInteger readersLeft = new AtomicInteger(READERS);

  @ParameterizedTest
  @CsvSource({"1, IN_MEMORY", "8, IN_MEMORY", "1000, ON_DISK"})
  void everyCaptureIsTheStateAfterItsEntry(int requestsPerEntry, TestChunks chunks)
      throws Exception {
    head = new Head(64, chunks.store(directory.resolve("chunks_head")));
    reader = new HeadReader(head);
    head.configure(new Settings(Settings.BLOCK_RANGE_DEFAULT_MS, 0));
    try (ExecutorService threads = Executors.newFixedThreadPool(READERS + 1)) {
      Future<Integer> spilled = threads.submit(this::spillUntilDone);
      List<Future<Integer>> readers = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        readers.add(threads.submit(readUntilDone()));
      }
      long entries = 0;
      while (readersLeft.get() > 0) {
        writeEntry(entries, requestsPerEntry);
        entries++;
        if (entries % ENTRIES_PER_CAPTURE == 0) {
          awaitCapture();
        }
      }
      for (Future<Integer> done : readers) {
        assertThat(done.get()).isEqualTo(CAPTURES);
      }
      assertThat(spilled.get() > SERIES).isEqualTo(chunks == TestChunks.ON_DISK);
    }
  }

  private Integer spillUntilDone() throws IOException {
    int spilled = 0;
    while (readersLeft.get() > 0) {
      spilled += head.spill();
      Thread.onSpinWait();
    }
    return spilled + head.spill();
  }

  private void awaitCapture() {
    int before = captures.get();
    while (captures.get() == before && readersLeft.get() > 0) {
      Thread.onSpinWait();
    }
  }

  private void writeEntry(long entry, int requests) {
    int series = seriesAfter(entry);
    int perRequest = Math.max(1, series / requests);
    for (int start = 0; start < series; start += perRequest) {
      SampleBatch.Builder batch = new SampleBatch.Builder();
      for (int i = start; i < Math.min(series, start + perRequest); i++) {
        if (entry == bornAt(i)) {
          batch.series(labels(i));
        } else {
          batch.series(i + 1);
        }
        batch.sample(entry * 1000, entry);
      }
      head.append(batch.build());
    }
    head.publish(entry);
  }

  /** Series 0 to SERIES - 1 are there from entry 0 on, then one comes every 7 entries. */
  private static long bornAt(int series) {
    return series < SERIES ? 0 : (series - SERIES + 1) * 7L;
  }

  private static int seriesAfter(long entry) {
    return SERIES + (int) Math.min(SERIES_LATER, entry / 7);
  }

  private static Labels labels(int series) {
    return Labels.of(
        "__name__", "m", "parity", series % 2 == 0 ? "even" : "odd", "i", String.valueOf(series));
  }

  private Callable<Integer> readUntilDone() {
    return () -> {
      int done = 0;
      try {
        while (done < CAPTURES) {
          try {
            long published = reader.publishedIndex();
            long first = Math.max(0, published - ENTRIES_BACK);
            try (HeadCapture capture = reader.select(selections(first), Integer.MAX_VALUE)) {
              check(capture, first);
            }
            done += published == Head.NOTHING_PUBLISHED ? 0 : 1;
          } catch (CaptureOverrun e) {
            Thread.onSpinWait();
          }
          captures.incrementAndGet();
        }
        return done;
      } finally {
        readersLeft.decrementAndGet();
      }
    };
  }

  private static List<Selection> selections(long firstEntry) {
    List<Matcher> even = List.of(new Matcher(Matcher.Type.EQUAL, "parity", "even"));
    List<Matcher> odd = List.of(new Matcher(Matcher.Type.EQUAL, "parity", "odd"));
    return Stream.of(even, List.<Matcher>of(), odd)
        .map(matchers -> new Selection(matchers, firstEntry * 1000, Long.MAX_VALUE))
        .toList();
  }

  private static void check(HeadCapture capture, long first) {
    if (capture.index() == Head.NOTHING_PUBLISHED) {
      assertThat(capture.series()).allMatch(List::isEmpty);
      return;
    }
    List<HeadSeriesView> evenAndOdd = new ArrayList<>(capture.series().getFirst());
    evenAndOdd.addAll(capture.series().getLast());
    assertThat(evenAndOdd).hasSize(seriesAfter(capture.index()));
    assertThat(capture.series().get(1)).hasSize(seriesAfter(capture.index()));
    for (List<HeadSeriesView> selected : capture.series()) {
      for (SeriesView view : selected) {
        long expected = Math.max(first, bornAt(Integer.parseInt(view.labels().get("i"))));
        SampleCursor cursor = view.samples();
        while (cursor.next()) {
          if (cursor.timestampMs() != expected * 1000 || cursor.valueBits() != expected) {
            throw new AssertionError(
                view.labels() + " has " + cursor.timestampMs() + ", expected " + expected * 1000);
          }
          expected++;
        }
        if (expected - 1 != capture.index()) {
          throw new AssertionError(
              view.labels() + " ends with " + (expected - 1) + ", expected " + capture.index());
        }
      }
    }
  }
}
