package io.rafttsdb.storage.file;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Options;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * {@link Leases} under all interleavings of short histories, and under many of real threads: as
 * though calls came one after the other, nobody gets a lease after the close, a thing is there as
 * long as anybody has one, and is given up once.
 *
 * <p>Takes long: {@code mvn -Pconcurrency -pl tsdb-storage verify}.
 */
@Tag("concurrency")
class LeasesLinearizabilityTest {

  private static final int THREADS = 3;
  private static final int THREAD_IDS = THREADS + 2;

  /** What the leases guard, and who has how many. */
  @Param(name = "thread", gen = ThreadIdGen.class)
  public static class Guarded {
    private final AtomicInteger givenUp = new AtomicInteger();
    private final int[] held = new int[THREAD_IDS];
    private volatile boolean isClosed;
    private final Counted leases = counted(givenUp::incrementAndGet);

    Counted counted(Runnable giveUp) {
      Leases real = new Leases(giveUp);
      return new Counted() {
        @Override
        public boolean acquire() {
          return real.acquire();
        }

        @Override
        public void release() {
          real.release();
        }

        @Override
        public void close() {
          real.close();
        }
      };
    }

    @Operation(params = "thread")
    public boolean acquire(int thread) {
      boolean isLeased = leases.acquire();
      if (isLeased) {
        held[thread]++;
      }
      return isLeased;
    }

    /** Whether what was leased was there up to the end of the lease. */
    @Operation(params = "thread")
    public String release(int thread) {
      if (held[thread] == 0) {
        return "none";
      }
      held[thread]--;
      boolean isThere = givenUp.get() == 0;
      leases.release();
      return isThere ? "there" : "gone";
    }

    @Operation
    public void close() {
      leases.close();
      isClosed = true;
    }

    @Validate
    public void isGivenUpOnceWhenNobodyIsLeft() {
      int count = 0;
      for (int leased : held) {
        count += leased;
      }
      int expected = isClosed && count == 0 ? 1 : 0;
      if (givenUp.get() != expected) {
        throw new IllegalStateException(
            "expected " + expected + " times given up, found " + givenUp + ", leased " + count);
      }
    }
  }

  /** What leases are: {@link Leases}, and worse ones that the test must see. */
  interface Counted {
    boolean acquire();

    void release();

    void close();
  }

  /** The same, one call after the other. */
  public static class Specified {
    private final int[] held = new int[THREAD_IDS];
    private boolean isClosed;

    public boolean acquire(int thread) {
      if (!isClosed) {
        held[thread]++;
      }
      return !isClosed;
    }

    public String release(int thread) {
      if (held[thread] == 0) {
        return "none";
      }
      held[thread]--;
      return "there";
    }

    public void close() {
      isClosed = true;
    }
  }

  /** Leases that look whether they are closed, and then count. */
  public static final class GuardedBadly extends Guarded {
    @Override
    Counted counted(Runnable giveUp) {
      AtomicInteger count = new AtomicInteger(1);
      return new Counted() {
        private volatile boolean isClosed;

        @Override
        public boolean acquire() {
          if (isClosed) {
            return false;
          }
          count.incrementAndGet();
          return true;
        }

        @Override
        public void release() {
          if (count.decrementAndGet() == 0) {
            giveUp.run();
          }
        }

        @Override
        public void close() {
          if (!isClosed) {
            isClosed = true;
            release();
          }
        }
      };
    }
  }

  private static void check(Options<?, ?> options, Class<?> type) {
    options.threads(THREADS).actorsPerThread(3).actorsBefore(1).actorsAfter(1);
    options.sequentialSpecification(Specified.class).check(type);
  }

  @Test
  void interleavingsAreLinearizable() {
    check(new ModelCheckingOptions().iterations(25).invocationsPerIteration(800), Guarded.class);
  }

  @Test
  void realThreadsAreLinearizable() {
    check(new StressOptions().iterations(10).invocationsPerIteration(1000), Guarded.class);
  }

  @Test
  void badLeasesAreSeen() {
    ModelCheckingOptions options = new ModelCheckingOptions().iterations(100);
    options.minimizeFailedScenario(false);
    assertThatThrownBy(() -> check(options, GuardedBadly.class))
        .isInstanceOf(LincheckAssertionError.class);
  }
}
