package io.rafttsdb.storage.head;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Options;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Captures by {@link UndoRing} and {@link NotesSince} under all interleavings of short histories:
 * an entry that changes two series is seen whole or not at all, in one order for all readers.
 *
 * <p>Takes long: {@code mvn -Pconcurrency -pl tsdb-storage verify}.
 */
@Tag("concurrency")
class UndoRingLinearizabilityTest {

  private static final int SERIES = 3;

  /** Series that one thread changes. */
  @Param(name = "series", gen = IntGen.class, conf = "0:2")
  public static class Changed {
    private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(long[].class);

    private final UndoRing ring = new UndoRing(64);
    private final long[] totals = new long[SERIES];
    private volatile long publishedPosition;

    /** An entry with a sample for each of two series, perhaps the same one. */
    @Operation(
        params = {"series", "series"},
        nonParallelGroup = "apply")
    public void apply(int first, int second) {
      change(first);
      change(second);
      publishedPosition = ring.position();
    }

    private void change(int series) {
      ring.note(series + 1, totals[series], 0, null);
      ELEMENT.setRelease(totals, series, totals[series] + 1);
    }

    /** Totals of all series. */
    @Operation
    public List<Long> capture() {
      NotesSince notes = new NotesSince(ring, publishedPosition);
      List<Long> captured = new ArrayList<>();
      for (int series = 0; series < SERIES; series++) {
        captured.add((long) ELEMENT.getAcquire(totals, series));
      }
      if (!notes.collect()) {
        throw new IllegalStateException("a ring of 64 notes was overwritten");
      }
      for (int series = 0; series < SERIES; series++) {
        int note = notes.find(series + 1);
        if (note >= 0) {
          captured.set(series, notes.total(note));
        }
      }
      return captured;
    }
  }

  /** The same, one call after the other. */
  public static class Specified {
    private final long[] totals = new long[SERIES];

    public void apply(int first, int second) {
      totals[first]++;
      totals[second]++;
    }

    public List<Long> capture() {
      return List.of(totals[0], totals[1], totals[2]);
    }
  }

  private static void check(Options<?, ?> options) {
    options.threads(3).actorsPerThread(2).actorsBefore(1).actorsAfter(1);
    options.sequentialSpecification(Specified.class).check(Changed.class);
  }

  @Test
  void interleavingsAreLinearizable() {
    check(new ModelCheckingOptions().iterations(12).invocationsPerIteration(500));
  }

  @Test
  void realThreadsAreLinearizable() {
    check(new StressOptions().iterations(10).invocationsPerIteration(1000));
  }
}
