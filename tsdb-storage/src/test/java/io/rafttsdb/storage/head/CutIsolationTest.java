package io.rafttsdb.storage.head;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.block.ChunkPointer;
import io.rafttsdb.storage.block.ChunkSeries;
import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.chunk.XorReader;
import io.rafttsdb.storage.model.AppendResult;
import io.rafttsdb.storage.model.CaptureOverrun;
import io.rafttsdb.storage.model.CutResult;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SealedRange;
import io.rafttsdb.storage.model.Selection;
import io.rafttsdb.storage.model.SeriesView;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Readers capture, builders read parts and images are written while the writer appends, cuts and
 * lets go, with a block range of a second. Entry i adds a sample of time i * STEP_MS and value i to
 * every series but those whose turn it is to pause: they are dropped by cuts and come again with
 * another ref. Where full chunks go to disk, another thread brings them there all the time, and
 * deletes files.
 */
class CutIsolationTest {

  private static final int SERIES = 90;
  private static final long RANGE_MS = 1000;
  private static final long STEP_MS = 100;
  private static final int CAPTURES = 200;
  private static final int READERS = 2;

  /** A series of this kind is written for so many entries, then not for as many. */
  private static final int PAUSE_ENTRIES = 64;

  /** The writer cuts no more while so many parts are in memory. */
  private static final int PARTS_MAX = 4;

  private static final int ENTRIES_PER_CAPTURE = 8;

  /** The writer waits so long for a capture, lest it runs away from slow readers. */
  private static final int SPINS_MAX = 20_000;

  @TempDir private Path directory;

  private Head head = new Head(256);
  private HeadReader reader = new HeadReader(head);
  private final AtomicInteger images = new AtomicInteger();
  private final AtomicInteger captures = new AtomicInteger();
  private final AtomicInteger readersLeft = new AtomicInteger(READERS);
  private final AtomicInteger othersLeft = new AtomicInteger(READERS + 1);
  private final AtomicReference<@Nullable FrozenHead> frozen = new AtomicReference<>();

  /** By entry, from where on its state has everything. */
  private final Map<Long, Long> floors = new ConcurrentHashMap<>();

  /** Parts that a builder has read; then they may be forgotten. */
  private final ConcurrentLinkedQueue<SealedPart> built = new ConcurrentLinkedQueue<>();

  @ParameterizedTest
  @EnumSource
  void everyAnswerIsTheStateAfterItsEntry(TestChunks chunks) throws Exception {
    Path files = directory.resolve("chunks_head");
    head = new Head(256, chunks.store(files));
    reader = new HeadReader(head);
    head.configure(new Settings(RANGE_MS, 0));
    try (ExecutorService threads = Executors.newFixedThreadPool(READERS + 3)) {
      List<Future<Integer>> others = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        others.add(threads.submit(untilDone(this::capture, CAPTURES, readersLeft)));
      }
      others.add(threads.submit(buildUntilDone()));
      others.add(threads.submit(untilDone(() -> writeImage(chunks), 30, new AtomicInteger())));
      Future<Integer> spilled = threads.submit(this::spillUntilDone);
      int forgotten = write();
      for (Future<Integer> other : others) {
        assertThat(other.get()).isPositive();
      }
      assertThat(forgotten).isGreaterThan(30);
      assertThat(spilled.get() > 1000).isEqualTo(chunks == TestChunks.ON_DISK);
      assertThat(head.table().seriesCount()).isLessThan((int) head.table().nextRef() - SERIES);
    }
  }

  private int write() {
    int forgotten = 0;
    for (long entry = 0; othersLeft.get() > 0; entry++) {
      SampleBatch.Builder batch = new SampleBatch.Builder();
      for (int i = 0; i < SERIES; i++) {
        if (isWritten(i, entry)) {
          long ref = head.refOf(labels(i));
          if (ref == SampleBatch.NO_REF) {
            batch.series(labels(i));
          } else {
            batch.series(ref);
          }
          batch.sample(entry * STEP_MS, entry);
        }
      }
      assertThat(head.append(batch.build())).isInstanceOf(AppendResult.Judged.class);
      if (head.published().parts().size() < PARTS_MAX) {
        cut(entry);
      }
      SealedPart done = built.poll();
      if (done != null) {
        head.forget(done.range().ulid());
        forgotten++;
      }
      head.publish(entry);
      floors.put(entry, head.published().floorMs());
      if (frozen.get() == null && !head.published().parts().isEmpty()) {
        frozen.set(head.freeze());
      }
      if (entry % ENTRIES_PER_CAPTURE == 0) {
        awaitCapture();
      }
    }
    return forgotten;
  }

  private void cut(long entry) {
    long upToMs = Math.floorDiv(entry * STEP_MS - RANGE_MS / 2, RANGE_MS) * RANGE_MS;
    if (head.cut(upToMs, new Ulid(7, entry))
        instanceof CutResult.Sealed(List<SealedRange> ranges)) {
      ranges.forEach(range -> head.built(range.ulid()));
    }
  }

  private void awaitCapture() {
    int before = captures.get();
    for (int i = 0; captures.get() == before && i < SPINS_MAX && readersLeft.get() > 0; i++) {
      Thread.onSpinWait();
    }
  }

  private static boolean isWritten(int series, long entry) {
    return series % 3 > 0 || (entry / PAUSE_ENTRIES + series) % 2 == 0;
  }

  private static Labels labels(int series) {
    return Labels.of("__name__", "m", "i", String.valueOf(series));
  }

  private Callable<Integer> untilDone(
      Callable<Boolean> step, int times, AtomicInteger leftOfItsKind) {
    return () -> {
      int done = 0;
      try {
        while (done < times) {
          done += step.call() ? 1 : 0;
        }
        return done;
      } finally {
        leftOfItsKind.decrementAndGet();
        othersLeft.decrementAndGet();
      }
    };
  }

  /** Builds go on until the others are done, lest the Head grows without end. */
  private Callable<Integer> buildUntilDone() {
    Builder builder = new Builder();
    return () -> {
      int done = 0;
      while (othersLeft.get() > 0) {
        done += builder.build() ? 1 : 0;
      }
      return done;
    };
  }

  private Integer spillUntilDone() throws IOException {
    int spilled = 0;
    while (othersLeft.get() > 0) {
      spilled += head.spill();
      Thread.onSpinWait();
    }
    return spilled;
  }

  private boolean capture() {
    Selection selection = new Selection(List.of(), Long.MIN_VALUE, Long.MAX_VALUE);
    List<Selection> selections = List.of(selection, selection);
    try (HeadCapture capture = reader.select(selections, Integer.MAX_VALUE)) {
      long floorMs = floorMs(capture.index());
      for (List<HeadSeriesView> views : capture.series()) {
        check(capture.index(), views, floorMs);
      }
      if (capture.index() == Head.NOTHING_PUBLISHED) {
        return false;
      }
      int names = reader.labelValues("i", List.of(selection)).size();
      assertThat(names).isGreaterThanOrEqualTo(SERIES * 2 / 3);
    } catch (CaptureOverrun e) {
      Thread.onSpinWait();
    }
    captures.incrementAndGet();
    return true;
  }

  private long floorMs(long index) {
    Long floorMs = index == Head.NOTHING_PUBLISHED ? Long.valueOf(0) : floors.get(index);
    while (floorMs == null) {
      floorMs = floors.get(index);
    }
    return floorMs;
  }

  private static void check(long index, List<HeadSeriesView> views, long firstMs) {
    if (index == Head.NOTHING_PUBLISHED) {
      return;
    }
    Set<Labels> seen = new HashSet<>();
    for (SeriesView view : views) {
      assertThat(seen.add(view.labels())).isTrue();
      int series = Integer.parseInt(view.labels().get("i"));
      long expected = Math.max(0, firstMs / STEP_MS);
      SampleCursor cursor = view.samples();
      while (cursor.next()) {
        long entry = cursor.valueBits();
        assertThat(cursor.timestampMs()).isEqualTo(entry * STEP_MS);
        checkNoneBetween(series, expected, entry, index);
        expected = entry + 1;
      }
      checkNoneBetween(series, expected, index + 1, index);
      assertThat(expected).isLessThanOrEqualTo(index + 1);
    }
    for (int i = 0; i < SERIES; i++) {
      if (isWritten(i, index)) {
        assertThat(seen).contains(labels(i));
      }
    }
  }

  private static void checkNoneBetween(int series, long startEntry, long endEntry, long index) {
    for (long entry = startEntry; entry < endEntry; entry++) {
      if (isWritten(series, entry)) {
        throw new AssertionError("series " + series + " lacks " + entry + " at " + index);
      }
    }
  }

  /** Reads each part once, and checks that it has all samples of its range. */
  private final class Builder {
    private long doneMs = Long.MIN_VALUE;

    boolean build() throws IOException {
      for (SealedPart part : head.published().parts()) {
        if (part.range().fromMs() >= doneMs) {
          try (ChunkLease _ = part.hold()) {
            checkPart(part);
          }
          doneMs = part.range().upToMs();
          built.add(part);
          return true;
        }
      }
      return false;
    }
  }

  private static void checkPart(SealedPart part) {
    Set<String> symbols = new HashSet<>();
    part.symbols().forEachRemaining(symbols::add);
    Labels last = null;
    long samples = 0;
    for (Iterator<ChunkSeries> all = part.series(); all.hasNext(); ) {
      ChunkSeries series = all.next();
      assertThat(last == null || last.compareTo(series.labels()) < 0).isTrue();
      last = series.labels();
      assertThat(symbols).contains("i", last.get("i"));
      samples += checkChunks(part.range(), series);
    }
    long expected = 0;
    for (long e = part.range().fromMs() / STEP_MS; e < part.range().upToMs() / STEP_MS; e++) {
      for (int i = 0; i < SERIES; i++) {
        expected += isWritten(i, e) ? 1 : 0;
      }
    }
    assertThat(samples).isEqualTo(expected).isEqualTo(part.sampleCount());
  }

  private static long checkChunks(SealedRange range, ChunkSeries series) {
    long samples = 0;
    long lastMs = range.fromMs() - 1;
    for (ChunkPointer pointer : series.chunks()) {
      Chunk chunk;
      try {
        chunk = pointer.load();
      } catch (IOException e) {
        throw new AssertionError(e);
      }
      assertThat(chunk.minMs()).isEqualTo(pointer.minMs()).isGreaterThan(lastMs);
      assertThat(chunk.maxMs()).isEqualTo(pointer.maxMs()).isLessThan(range.upToMs());
      XorReader reader = new XorReader(chunk.data(), chunk.sampleCount());
      while (reader.next()) {
        lastMs = reader.timestampMs();
        samples++;
      }
      assertThat(lastMs).isEqualTo(chunk.maxMs());
    }
    return samples;
  }

  /** Writes an image of a state that goes by meanwhile, and reads it. */
  private boolean writeImage(TestChunks chunks) throws Exception {
    FrozenHead state = frozen.get();
    if (state == null) {
      return false;
    }
    while (!isForgotten(state.parts().getFirst()) && othersLeft.get() > 1) {
      Thread.onSpinWait();
    }
    Path target = Files.createDirectory(directory.resolve("image-" + images.incrementAndGet()));
    try (FrozenHead held = state;
        Head loaded = chunks.reread(held, target)) {
      frozen.set(null);
      assertThat(loaded.published().parts().stream().map(SealedPart::range))
          .containsExactlyElementsOf(held.parts().stream().map(SealedPart::range).toList());
      loaded.published().parts().forEach(CutIsolationTest::checkPart);
    }
    return true;
  }

  private boolean isForgotten(SealedPart part) {
    return head.published().floorMs() >= part.range().upToMs();
  }
}
