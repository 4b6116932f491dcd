package io.rafttsdb.storage.spill;

import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Options;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * {@link Epochs}, by which files are leased, under all interleavings of short histories, and under
 * many of real threads: whoever entered finds what he captured then, and everything that came
 * later, until he leaves; each thing is given up once.
 *
 * <p>Takes long: {@code mvn -Pconcurrency -pl tsdb-storage verify}.
 */
@Tag("concurrency")
class EpochsLinearizabilityTest {

  private static final int THREADS = 3;
  private static final int THREAD_IDS = THREADS + 2;
  private static final int VERSIONS = 32;

  /** A thing of which there is one at a time; whoever entered reads the one that he captured. */
  @Param(name = "thread", gen = ThreadIdGen.class)
  public static class Replaced {
    private final Epochs epochs = new Epochs();
    private final AtomicIntegerArray givenUp = new AtomicIntegerArray(VERSIONS);
    private final Epochs.@Nullable Epoch[] entered = new Epochs.Epoch[THREAD_IDS];
    private final int[] captured = new int[THREAD_IDS];
    private volatile int version;
    private volatile boolean isClosed;

    @Operation(params = "thread")
    public boolean enter(int thread) {
      if (entered[thread] != null) {
        return false;
      }
      entered[thread] = epochs.enter();
      captured[thread] = version;
      return entered[thread] != null;
    }

    /** Whether all from the captured one up to the present one are there. */
    @Operation(params = "thread")
    public String read(int thread) {
      if (entered[thread] == null) {
        return "none";
      }
      for (int i = captured[thread]; i <= version; i++) {
        if (givenUp.get(i) != 0) {
          return "gone";
        }
      }
      return "there";
    }

    @Operation(params = "thread")
    public boolean leave(int thread) {
      Epochs.Epoch epoch = entered[thread];
      if (epoch == null) {
        return false;
      }
      entered[thread] = null;
      epoch.leave();
      return true;
    }

    /** First the next one is to be found, then the one before is given up. */
    @Operation(nonParallelGroup = "writer")
    public void replace() {
      if (!isClosed) {
        int before = version;
        version = before + 1;
        epochs.retire(() -> givenUp.incrementAndGet(before));
      }
    }

    @Operation(nonParallelGroup = "writer")
    public void close() {
      isClosed = true;
      int last = version;
      epochs.close(() -> givenUp.incrementAndGet(last));
    }

    /**
     * Who is still in keeps what he captured and what came later, perhaps more; else nothing is
     * kept.
     */
    @Validate
    public void eachIsGivenUpOnceWhenNobodyIsLeft() {
      int retired = isClosed ? version + 1 : version;
      int kept = retired;
      boolean isAnyIn = false;
      for (int thread = 0; thread < THREAD_IDS; thread++) {
        if (entered[thread] != null) {
          kept = Math.min(kept, captured[thread]);
          isAnyIn = true;
        }
      }
      for (int i = 0; i < VERSIONS; i++) {
        int times = givenUp.get(i);
        boolean isMissed = times == 0 && i < retired && !isAnyIn;
        if (times > 1 || (times == 1 && i >= kept) || isMissed) {
          throw new IllegalStateException(
              "version " + i + " was given up " + times + " times, kept from " + kept);
        }
      }
    }
  }

  /** The same, one call after the other. */
  public static class Specified {
    private final boolean[] entered = new boolean[THREAD_IDS];
    private boolean isClosed;

    public boolean enter(int thread) {
      if (entered[thread] || isClosed) {
        return false;
      }
      entered[thread] = true;
      return true;
    }

    public String read(int thread) {
      return entered[thread] ? "there" : "none";
    }

    public boolean leave(int thread) {
      boolean before = entered[thread];
      entered[thread] = false;
      return before;
    }

    public void replace() {}

    public void close() {
      isClosed = true;
    }
  }

  private static void check(Options<?, ?> options) {
    options.threads(THREADS).actorsPerThread(3).actorsBefore(1).actorsAfter(1);
    options.sequentialSpecification(Specified.class).check(Replaced.class);
  }

  @Test
  void interleavingsAreLinearizable() {
    check(new ModelCheckingOptions().iterations(25).invocationsPerIteration(800));
  }

  @Test
  void realThreadsAreLinearizable() {
    check(new StressOptions().iterations(10).invocationsPerIteration(1000));
  }
}
