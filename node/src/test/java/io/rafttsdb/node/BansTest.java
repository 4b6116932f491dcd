package io.rafttsdb.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.EvaluationResult;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each ban finds the class below that was written to break it, and lets pass the one that does not.
 */
final class BansTest {

  static Stream<Arguments> broken() {
    return Stream.of(
        arguments("clock", Bans.clock, AsksTheClock.class, 4),
        arguments("chance", Bans.chance, DrawsByItself.class, 3),
        arguments("sleep", Bans.sleep, Sleeps.class, 2),
        arguments("unbounded", Bans.unbounded, GrowsWithoutLimit.class, 3),
        arguments("locale", Bans.locale, SpeaksTheMachinesLanguage.class, 3),
        arguments("charset", Bans.charset, WritesTheMachinesBytes.class, 2),
        arguments("changingStatics", Bans.changingStatics, KeepsStaticState.class, 1),
        arguments("changingConstants", Bans.changingConstants, KeepsStaticState.class, 2),
        arguments("names", Bans.names, ChunkManager.class, 1));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("broken")
  void aBanFindsWhoBreaksIt(String name, ArchRule rule, Class<?> offender, int violations) {
    EvaluationResult result = rule.evaluate(new ClassFileImporter().importClasses(offender));

    assertThat(result.getFailureReport().getDetails()).as(name).hasSize(violations);
    assertThat(result.getFailureReport().toString()).as("says what to do instead").contains(": ");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("broken")
  void aBanLetsTheRestPass(String name, ArchRule rule, Class<?> offender, int violations) {
    EvaluationResult result =
        rule.evaluate(new ClassFileImporter().importClasses(WellBehaved.class));

    assertThat(result.getFailureReport().getDetails()).as(name).isEmpty();
  }

  @SuppressWarnings("unused")
  private static final class AsksTheClock {
    private final LongSupplier reference = System::currentTimeMillis;

    long direct() {
      return System.currentTimeMillis();
    }

    Instant now() {
      return Instant.now();
    }

    InstantSource source() {
      return InstantSource.system();
    }
  }

  @SuppressWarnings("unused")
  private static final class DrawsByItself {
    private final Random random = new Random();
    private final Random seeded = new Random(42);

    double number() {
      return Math.random();
    }
  }

  /** Never run: what the ban on sleeping has to find. */
  @SuppressWarnings("unused")
  private static final class Sleeps {
    /** What takes milliseconds and waits for so long. */
    interface Pause {
      void of(long millis) throws InterruptedException;
    }

    Pause shortly() {
      return Thread::sleep;
    }

    void alsoShortly() throws InterruptedException {
      TimeUnit.MILLISECONDS.sleep(1);
    }
  }

  @SuppressWarnings("unused")
  private static final class GrowsWithoutLimit {
    private final BlockingQueue<String> queue = new LinkedBlockingQueue<>();

    ExecutorService threads() {
      return Executors.newCachedThreadPool();
    }

    ExecutorService virtualThreads() {
      return Executors.newVirtualThreadPerTaskExecutor();
    }
  }

  @SuppressWarnings({"unused", "AnnotateFormatMethod"})
  private static final class SpeaksTheMachinesLanguage {
    String formatted(double value) {
      return String.format("%.1f", value);
    }

    String alsoFormatted(double value) {
      return "%.1f".formatted(value);
    }

    @SuppressWarnings("StringCaseLocaleUsage")
    String lower(String text) {
      return text.toLowerCase();
    }
  }

  @SuppressWarnings({"unused", "DefaultCharset"})
  private static final class WritesTheMachinesBytes {
    byte[] bytes(String text) {
      return text.getBytes();
    }

    String text(byte[] bytes) {
      return new String(bytes);
    }
  }

  @SuppressWarnings({"unused", "NonFinalStaticField"})
  private static final class KeepsStaticState {
    private static final AtomicLong COUNTED = new AtomicLong();
    private static final HashMap<String, String> KNOWN = new HashMap<>();
    private static int count;
  }

  private static final class ChunkManager {}

  @SuppressWarnings("unused")
  private static final class WellBehaved {
    private static final String CONSTANT = "constant";
    private final BlockingQueue<String> queue = new ArrayBlockingQueue<>(1);
    private final BlockingQueue<String> bounded = new LinkedBlockingQueue<>(1);
    private final InstantSource clock;

    WellBehaved(InstantSource clock) {
      this.clock = clock;
    }

    String text(byte[] bytes) {
      String text = new String(bytes, StandardCharsets.UTF_8) + clock.instant();
      return String.format(Locale.ROOT, "%s %d", text.toLowerCase(Locale.ROOT), System.nanoTime());
    }
  }
}
