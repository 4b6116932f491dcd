package io.rafttsdb.storage.head;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Readers take published states back out of series that one thread goes on changing, by {@link
 * UndoRing} and {@link NotesSince} alone: each state that they get is exactly that of its entry, or
 * they are told that the ring was overwritten.
 *
 * <p>Takes long: {@code mvn -Pconcurrency -pl tsdb-storage verify}. System property {@code
 * rafttsdb.ring.captures}: captures of each reader, 30,000 if not set.
 */
@Tag("concurrency")
class UndoRingStressTest {

  private static final int CAPTURES = Integer.getInteger("rafttsdb.ring.captures", 30_000);
  private static final int READERS = 3;

  private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(long[].class);

  /** Series, of which entry e changes {@link #CHANGED} in a row from e * {@link #STRIDE} on. */
  private static final int SERIES = 61;

  private static final int CHANGED = 5;
  private static final int STRIDE = 7;

  private final long[] totals = new long[SERIES];
  private final long[] newestMs = new long[SERIES];
  private final AtomicInteger readersLeft = new AtomicInteger(READERS);
  private final AtomicInteger overruns = new AtomicInteger();
  private volatile State published = new State(0, 0);

  /** What a Head publishes, as far as the ring is concerned. */
  private record State(long entry, long position) {}

  /** Whether an entry changes a series. */
  private static boolean changes(long entry, int series) {
    return Math.floorMod(series - entry * STRIDE, SERIES) < CHANGED;
  }

  /** Total of a series after an entry; entries count from 1, and repeat themselves. */
  private static long total(long entry, int series) {
    long total = entry / SERIES * CHANGED;
    for (long e = entry / SERIES * SERIES + 1; e <= entry; e++) {
      total += changes(e, series) ? 1 : 0;
    }
    return total;
  }

  /** The last entry up to this one that changed a series, which is its time; 0 if none did. */
  private static long newestMs(long entry, int series) {
    long newest = entry;
    while (newest > 0 && !changes(newest, series)) {
      newest--;
    }
    return newest;
  }

  private void write(UndoRing ring) {
    for (long entry = 1; readersLeft.get() > 0; entry++) {
      for (int i = 0; i < CHANGED; i++) {
        int series = (int) ((entry * STRIDE + i) % SERIES);
        ring.note(series + 1, totals[series], newestMs[series], null);
        ELEMENT.setRelease(newestMs, series, entry);
        ELEMENT.setRelease(totals, series, totals[series] + 1);
      }
      published = new State(entry, ring.position());
    }
  }

  private Callable<Integer> reader(UndoRing ring) {
    return () -> {
      int captures = 0;
      try {
        for (int i = 0; i < CAPTURES; i++) {
          if (capture(ring)) {
            captures++;
          } else {
            overruns.incrementAndGet();
          }
        }
      } finally {
        readersLeft.decrementAndGet();
      }
      return captures;
    };
  }

  /** Captures a state and compares it; false where the ring was overwritten. */
  private boolean capture(UndoRing ring) {
    State state = published;
    long[] readTotals = new long[SERIES];
    long[] readNewestMs = new long[SERIES];
    NotesSince notes = new NotesSince(ring, state.position);
    for (int series = 0; series < SERIES; series++) {
      readNewestMs[series] = (long) ELEMENT.getAcquire(newestMs, series);
      readTotals[series] = (long) ELEMENT.getAcquire(totals, series);
      if (series == SERIES / 2 && !notes.collect()) {
        return false;
      }
    }
    if (!notes.collect()) {
      return false;
    }
    for (int series = 0; series < SERIES; series++) {
      int note = notes.find(series + 1);
      long total = note < 0 ? readTotals[series] : notes.total(note);
      long newest = note < 0 ? readNewestMs[series] : notes.newestMs(note);
      if (total != total(state.entry, series) || newest != newestMs(state.entry, series)) {
        throw new AssertionError(
            "series %d at entry %d: expected %d samples up to %d, found %d up to %d"
                .formatted(
                    series,
                    state.entry,
                    total(state.entry, series),
                    newestMs(state.entry, series),
                    total,
                    newest));
      }
    }
    return true;
  }

  @ParameterizedTest
  @ValueSource(ints = {16, 256, 1 << 16})
  void eachCaptureIsExactlyOneState(int capacity) throws Exception {
    UndoRing ring = new UndoRing(capacity);
    int captures = 0;
    try (ExecutorService executor = Executors.newFixedThreadPool(READERS)) {
      List<Future<Integer>> readers = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        readers.add(executor.submit(reader(ring)));
      }
      write(ring);
      for (Future<Integer> reader : readers) {
        captures += reader.get();
      }
    }
    assertThat(captures + overruns.get()).isEqualTo(READERS * CAPTURES);
    assertThat(captures).as("captures without an overrun of %d", capacity).isPositive();
  }
}
