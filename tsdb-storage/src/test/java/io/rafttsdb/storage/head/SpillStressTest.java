package io.rafttsdb.storage.head;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.model.AppendResult;
import io.rafttsdb.storage.model.CaptureOverrun;
import io.rafttsdb.storage.model.CutResult;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SealedRange;
import io.rafttsdb.storage.model.Selection;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Captures are kept while chunks that they have go to disk, parts are forgotten and files deleted,
 * and are read only then; the writer looks for repeats in chunks that go to disk just now. Captures
 * of each reader: system property {@code rafttsdb.spill.captures}, 3,000 if not set.
 */
@Tag("concurrency")
class SpillStressTest {

  private static final int CAPTURES = Integer.getInteger("rafttsdb.spill.captures", 3_000);
  private static final int READERS = 2;
  private static final int SERIES = 20;
  private static final List<Selection> ALL =
      List.of(new Selection(List.of(), Long.MIN_VALUE, Long.MAX_VALUE));
  private static final int KEPT_CAPTURES = 12;
  private static final int ENTRIES_FIRST = 200;
  private static final long RANGE_MS = 1000;
  private static final long STEP_MS = 50;

  @TempDir private Path directory;
  private Head head = new Head(256);
  private HeadReader reader = new HeadReader(head);
  private final AtomicInteger readersLeft = new AtomicInteger(READERS);

  @Test
  void whatWasCapturedCanBeReadWhateverBecomesOfIt() throws Exception {
    head = new Head(256, TestChunks.ON_DISK.store(directory.resolve("chunks_head")));
    reader = new HeadReader(head);
    head.configure(new Settings(RANGE_MS, 0));
    try (ExecutorService threads = Executors.newFixedThreadPool(READERS + 1)) {
      List<Future<Integer>> readers = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        readers.add(threads.submit(captureAndReadLater()));
      }
      Future<Integer> spilled = threads.submit(this::spillUntilDone);
      long entries = write();
      for (Future<Integer> each : readers) {
        assertThat(each.get()).isEqualTo(CAPTURES);
      }
      assertThat(spilled.get()).isGreaterThan((int) Math.min(1000, entries / 20));
    }
    head.close();
  }

  private static Labels labels(int series) {
    return Labels.of("i", String.valueOf(series));
  }

  private long write() {
    long entry = 0;
    for (; readersLeft.get() > 0; entry++) {
      SampleBatch.Builder batch = new SampleBatch.Builder();
      for (int i = 0; i < SERIES; i++) {
        batch.series(labels(i)).sample(entry * STEP_MS, entry);
      }
      assertThat(head.append(batch.build())).isEqualTo(judged(SERIES, 0));
      long oldest = Math.max(head.published().sealedUpToMs() / STEP_MS, entry - 9);
      if (entry > 20 && oldest < entry) {
        assertThat(head.append(repeat(oldest))).isEqualTo(judged(0, SERIES));
      }
      cutAndForget(entry);
      head.publish(entry);
    }
    return entry;
  }

  private static AppendResult judged(int stored, int repeated) {
    return new AppendResult.Judged(stored, repeated, 0, List.of());
  }

  private static SampleBatch repeat(long entry) {
    SampleBatch.Builder batch = new SampleBatch.Builder();
    for (int i = 0; i < SERIES; i++) {
      batch.series(labels(i)).sample(entry * STEP_MS, entry);
    }
    return batch.build();
  }

  private void cutAndForget(long entry) {
    long upToMs = Math.floorDiv(entry * STEP_MS - RANGE_MS / 2, RANGE_MS) * RANGE_MS;
    if (head.cut(upToMs, new Ulid(7, entry))
        instanceof CutResult.Sealed(List<SealedRange> ranges)) {
      ranges.forEach(range -> head.built(range.ulid()));
    }
    List<InOrderPart> parts = head.published().parts();
    if (parts.size() > 1) {
      head.forget(parts.getFirst().range().ulid());
    }
  }

  private Integer spillUntilDone() throws IOException {
    int spilled = 0;
    while (readersLeft.get() > 0) {
      spilled += head.spill();
      Thread.onSpinWait();
    }
    return spilled;
  }

  private Callable<Integer> captureAndReadLater() {
    return () -> {
      while (head.published().index() < ENTRIES_FIRST) {
        Thread.onSpinWait(); // else the captures may be done before there is anything to spill
      }
      int read = 0;
      ArrayDeque<HeadCapture> kept = new ArrayDeque<>();
      try {
        while (read < CAPTURES) {
          try {
            kept.add(reader.select(ALL, SERIES));
          } catch (CaptureOverrun e) {
            Thread.onSpinWait();
          }
          if (kept.size() > KEPT_CAPTURES) {
            try (HeadCapture oldest = kept.removeFirst()) {
              check(oldest);
            }
            read++;
          }
        }
        return read;
      } finally {
        kept.forEach(HeadCapture::close);
        readersLeft.decrementAndGet();
      }
    };
  }

  private static void check(HeadCapture capture) {
    for (HeadSeriesView view : capture.series().getFirst()) {
      long entry = -1;
      for (SampleCursor cursor = view.samples(); cursor.next(); ) {
        assertThat(entry < 0 || cursor.valueBits() == entry + 1).isTrue();
        entry = cursor.valueBits();
        assertThat(cursor.timestampMs()).isEqualTo(entry * STEP_MS);
      }
      assertThat(entry).isEqualTo(Math.max(-1, capture.index()));
    }
  }
}
