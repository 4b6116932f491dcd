package io.rafttsdb.node;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;

import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * What main code must not do, and what it does instead. {@link ArchitectureTest} holds all modules
 * to it, and {@link BansTest} shows that each rule can fail. A method reference counts as a call.
 */
final class Bans {

  private static final Pattern EMPTY_NAME =
      Pattern.compile("Abstract.*|.*(Impl|Manager|Helper|Utils?|Base|Processor|Data|Info)");

  private static final List<Class<?>> CALENDARS =
      List.of(
          Instant.class,
          LocalDate.class,
          LocalDateTime.class,
          OffsetDateTime.class,
          ZonedDateTime.class);

  private static final List<Class<?>> CHANCE =
      List.of(Random.class, SecureRandom.class, SplittableRandom.class);

  private Bans() {}

  @ArchTest
  static final ArchRule clock =
      never(
              "ask the machine's clock",
              access ->
                  calls(access, System.class, "currentTimeMillis")
                      || CALENDARS.stream().anyMatch(type -> calls(access, type, "now"))
                      || (isOf(access, Clock.class) && access.getName().startsWith("system"))
                      || calls(access, Date.class, JavaConstructor.CONSTRUCTOR_NAME)
                      || (calls(access, InstantSource.class, "system")
                          && !isIn(access, "io.rafttsdb.node.cli.ServerCommand")))
          .because("time is an argument: take an InstantSource, which ServerCommand makes");

  @ArchTest
  static final ArchRule chance =
      never(
              "draw random numbers of its own",
              access ->
                  calls(access, Math.class, "random")
                      || calls(access, UUID.class, "randomUUID")
                      || (CHANCE.stream()
                              .anyMatch(
                                  type -> calls(access, type, JavaConstructor.CONSTRUCTOR_NAME))
                          && !isIn(access, "io.rafttsdb.node.cli.ServerCommand"))
                      // An application makes its client by itself: no wiring is above it.
                      || (calls(access, ThreadLocalRandom.class, "current")
                          && !isIn(access, "io.rafttsdb.client.RaftTsdbClient")))
          .because("chance is an argument: take a RandomGenerator, which ServerCommand makes");

  /** Time that only measures is fine elsewhere; here it has nothing to measure. */
  @ArchTest
  static final ArchRule surroundings =
      noClasses()
          .that()
          .resideInAnyPackage("io.rafttsdb.storage..", "io.rafttsdb.command..")
          .should()
          .accessTargetWhere(
              describe(
                  "the caller would look at this process",
                  access ->
                      calls(access, System.class, "nanoTime")
                          || calls(access, System.class, "getenv")
                          || calls(access, System.class, "getProperty")
                          || calls(access, System.class, "identityHashCode")))
          .because("every replica must come to the same state: the leader puts it in the command");

  @ArchTest
  static final ArchRule sleep =
      never(
              "sleep",
              access ->
                  calls(access, Thread.class, "sleep")
                      // These wait for other processes, which can't signal this one, or for a
                      // lease of one to be over.
                      || (calls(access, TimeUnit.class, "sleep")
                          && !isIn(access, "io.rafttsdb.node.Node")
                          && !isIn(access, "io.rafttsdb.node.members.Pause")
                          && !isIn(access, "io.rafttsdb.replica.RaftNode")
                          && !isIn(access, "io.rafttsdb.replica.ShardReplica")))
          .because("wait, with a limit, for the thing itself: a latch, a condition, a future");

  @ArchTest
  static final ArchRule unbounded =
      never(
              "let threads or a queue grow without limit",
              access ->
                  calls(access, Executors.class, "newCachedThreadPool")
                      || calls(access, Executors.class, "newFixedThreadPool")
                      || calls(access, Executors.class, "newSingleThreadExecutor")
                      || calls(access, Executors.class, "newWorkStealingPool")
                      || calls(access, Executors.class, "newVirtualThreadPerTaskExecutor")
                      // Admission bounds the requests.
                      || (calls(access, Executors.class, "newThreadPerTaskExecutor")
                          && !isIn(access, "io.rafttsdb.node.http.HttpServer"))
                      || isMadeWithout(access, LinkedBlockingQueue.class, int.class)
                      || isMadeWithout(access, LinkedBlockingDeque.class, int.class))
          .because(
              "each queue has a limit: a thread of its own with an ArrayBlockingQueue, or a"
                  + " Semaphore before virtual threads");

  @ArchTest
  static final ArchRule locale =
      never(
              "depend on the machine's language",
              access ->
                  calls(access, String.class, "formatted")
                      || callsWithout(access, String.class, "format", Locale.class)
                      || callsWithout(access, String.class, "toLowerCase", Locale.class)
                      || callsWithout(access, String.class, "toUpperCase", Locale.class)
                      || callsWithout(access, PrintStream.class, "printf", Locale.class)
                      || callsWithout(access, PrintWriter.class, "printf", Locale.class))
          .because("the same values give the same text everywhere: pass Locale.ROOT");

  @ArchTest
  static final ArchRule charset =
      never(
              "depend on the machine's character set",
              access ->
                  callsWithout(access, String.class, "getBytes", Charset.class)
                      || (isMadeWithout(access, String.class, Charset.class)
                          && has(access, byte[].class)))
          .because("say which bytes are meant: pass StandardCharsets.UTF_8");

  @ArchTest
  static final ArchRule changingStatics =
      fields()
          .that()
          .areStatic()
          .should()
          .beFinal()
          .because("static state has no owner: keep it in an object that the wiring makes");

  @ArchTest
  static final ArchRule changingConstants =
      noFields()
          .that()
          .areStatic()
          .should()
          .haveRawType(describe("a type that is made to be changed", Bans::isMadeToBeChanged))
          .because(
              "static state has no owner: keep it in an object that the wiring makes, or"
                  + " declare the constant a List, Set or Map made by of()");

  @ArchTest
  static final ArchRule names =
      noClasses()
          .should(
              ArchCondition.from(
                  describe(
                      "have a name that says nothing",
                      type -> EMPTY_NAME.matcher(type.getSimpleName()).matches())))
          .because("name the concept in the words of the field; if there is none, one is missing");

  private static ArchRule never(String what, Predicate<JavaAccess<?>> access) {
    return noClasses().should().accessTargetWhere(describe("the caller would " + what, access));
  }

  private static boolean isOf(JavaAccess<?> access, Class<?> owner) {
    return access.getTargetOwner().isEquivalentTo(owner);
  }

  private static boolean calls(JavaAccess<?> access, Class<?> owner, String name) {
    return isOf(access, owner) && access.getName().equals(name);
  }

  private static boolean callsWithout(
      JavaAccess<?> access, Class<?> owner, String name, Class<?> parameter) {
    return calls(access, owner, name) && !has(access, parameter);
  }

  private static boolean isMadeWithout(JavaAccess<?> access, Class<?> type, Class<?> parameter) {
    return callsWithout(access, type, JavaConstructor.CONSTRUCTOR_NAME, parameter);
  }

  private static boolean has(JavaAccess<?> access, Class<?> parameter) {
    return access.getTarget() instanceof CodeUnitAccessTarget target
        && target.getRawParameterTypes().stream().anyMatch(type -> type.isEquivalentTo(parameter));
  }

  private static boolean isIn(JavaAccess<?> access, String className) {
    return access.getOriginOwner().getName().equals(className);
  }

  private static boolean isMadeToBeChanged(JavaClass type) {
    return type.getPackageName().equals("java.util.concurrent.atomic")
        || type.isAssignableTo(ThreadLocal.class)
        || type.isAssignableTo(StringBuilder.class)
        || type.isAssignableTo(ConcurrentMap.class)
        || (!type.isInterface()
            && (type.isAssignableTo(Collection.class) || type.isAssignableTo(Map.class)));
  }
}
