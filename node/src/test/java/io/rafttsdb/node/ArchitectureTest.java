package io.rafttsdb.node;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchTests;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Who may know whom, as docs/adr/0001-modules-and-packages.md says, and what main code must not
 * call ({@link Bans}). Reads the class files of all modules below the node.
 */
@AnalyzeClasses(packages = "io.rafttsdb", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {

  private static final String STORAGE = "io.rafttsdb.storage";
  private static final String MODEL = STORAGE + ".model";
  private static final String[] REPLICA = {"io.rafttsdb.command..", "io.rafttsdb.replica.."};

  /**
   * What the replica knows of the storage beside its door: which blocks there are, and how files
   * are changed.
   */
  private static final String[] STORAGE_OF_THE_REPLICA = {
    STORAGE, MODEL, STORAGE + ".file", STORAGE + ".manifest", STORAGE + ".block", STORAGE + ".part"
  };

  private static final String PROMQL = "io.rafttsdb.promql..";
  private static final String CLIENT = "io.rafttsdb.client..";
  private static final String NODE = "io.rafttsdb.node..";

  /** What each package of the storage may know beside itself; the door, Tsdb, knows them all. */
  private static final Map<String, Set<String>> STORAGE_PACKAGES =
      Map.ofEntries(
          entry("model", Set.of()),
          entry("file", Set.of("model")), // for CorruptFile, which every reader throws
          entry("chunk", Set.of("model")),
          entry("index", Set.of("model", "file")),
          entry("manifest", Set.of("model")),
          entry("block", Set.of("model", "file", "chunk", "index")),
          entry("spill", Set.of("model", "file", "chunk")),
          entry("merge", Set.of("model", "chunk", "block")),
          // A block is built from what the Head gives as a ChunkSource.
          entry("head", Set.of("model", "file", "chunk", "index", "block", "manifest", "merge")),
          entry("compact", Set.of("model", "file", "chunk", "index", "block", "merge", "manifest")),
          entry(
              "part",
              Set.of(
                  "model",
                  "file",
                  "chunk",
                  "index",
                  "block",
                  "manifest",
                  "merge",
                  "head",
                  "compact")));

  /** Without it a module that is missing from the class path would keep every rule. */
  @ArchTest
  static void everyModuleIsLookedAt(JavaClasses classes) {
    Stream.of(
            "io.rafttsdb.storage.Tsdb",
            "io.rafttsdb.promql.PromQl",
            "io.rafttsdb.command.LogCommand",
            "io.rafttsdb.replica.ShardReplica",
            "io.rafttsdb.client.RaftTsdbClient",
            "io.rafttsdb.node.Node")
        .forEach(name -> assertThat(classes.contain(name)).as("class %s found", name).isTrue());
    assertThat(classes.contain(ArchitectureTest.class)).as("tests are left out").isFalse();
  }

  @ArchTest
  static final ArchRule theStorageKnowsNothingAboveIt =
      knowsOnly(STORAGE + "..", STORAGE + "..")
          .because(
              "imports point downwards only: tsdb-storage knows no Raft, no query, no network");

  @ArchTest
  static final ArchRule theQueryLanguageKnowsOnlyTheModelOfTheStorage =
      knowsOnly(PROMQL, PROMQL, MODEL)
          .because("promql reads through its own SeriesSource, which the node implements");

  @ArchTest
  static final ArchRule commandsKnowOnlyTheModelOfTheStorage =
      knowsOnly("io.rafttsdb.command..", "io.rafttsdb.command..", MODEL)
          .because("a command says what to do, not how the storage does it");

  @ArchTest
  static final ArchRule theReplicaKnowsOnlyTheStorageBelowIt =
      knowsOnly(
              "io.rafttsdb.replica..",
              Stream.of(REPLICA, STORAGE_OF_THE_REPLICA).flatMap(Stream::of).toArray(String[]::new))
          .because("imports point downwards only: raft-statemachine knows no HTTP and no query");

  @ArchTest
  static final ArchRule theClientStandsAlone =
      knowsOnly(CLIENT, CLIENT)
          .because("an application that uses the client gets few dependencies");

  @ArchTest
  static final ArchRule theStorageHasOneDoor =
      noClasses()
          .that()
          .resideOutsideOfPackages(STORAGE + "..", "io.rafttsdb.replica..")
          .should()
          .dependOnClassesThat(
              describe(
                  "are internal to the storage",
                  type ->
                      type.getPackageName().startsWith(STORAGE + ".")
                          && !type.getPackageName().equals(MODEL)))
          .because("other modules see io.rafttsdb.storage (Tsdb) and io.rafttsdb.storage.model");

  @ArchTest
  static void insideTheStorageEachPackageKnowsOnlyThoseBelowIt(JavaClasses classes) {
    Set<String> found =
        classes.stream()
            .map(JavaClass::getPackageName)
            .filter(name -> name.startsWith(STORAGE + "."))
            .map(name -> name.substring(STORAGE.length() + 1))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(STORAGE_PACKAGES.keySet())
        .as("packages with a line in STORAGE_PACKAGES, which says what each may know")
        .containsAll(found);
    for (String name : found) {
      Stream<String> below = STORAGE_PACKAGES.getOrDefault(name, Set.of()).stream();
      String[] allowed =
          Stream.concat(Stream.of(name), below)
              .map(other -> STORAGE + "." + other)
              .toArray(String[]::new);
      knowsOnly(STORAGE + "." + name, allowed)
          .because("that is the order of the packages in the storage")
          .check(classes);
    }
  }

  @ArchTest
  static final ArchRule noPackagesKnowEachOtherInACircle =
      slices().matching("io.rafttsdb.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule ratisIsSeenByTheReplicaOnly =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.rafttsdb.replica..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.apache.ratis..")
          .because("ShardReplica is the door to Raft; hand its values on, not Ratis's");

  @ArchTest
  static final ArchRule nettyIsSeenByTheHttpServerOnly =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.rafttsdb.node.http..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.netty..")
          .because("handlers take an HttpRequest and give an HttpReply");

  @ArchTest
  static final ArchRule theProgramIsAboveEverything =
      noClasses()
          .that()
          .resideInAPackage(NODE)
          .and()
          .resideOutsideOfPackage("io.rafttsdb.node.cli..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.rafttsdb.node.cli..")
          .because("the command line starts a node; a node does not know how it was started");

  @ArchTest static final ArchTests bans = ArchTests.in(Bans.class);

  /** Of this project's own packages; what the JDK and libraries offer is another rule's matter. */
  private static ArchRule knowsOnly(String who, String... allowed) {
    return classes()
        .that()
        .resideInAPackage(who)
        .should()
        .onlyDependOnClassesThat(
            not(resideInAPackage("io.rafttsdb..")).or(resideInAnyPackage(allowed)));
  }
}
