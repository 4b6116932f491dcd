package io.rafttsdb.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/**
 * A whole shard in one thread under seeded chance: entries, delays, kills, power losses, snapshots,
 * purges, installs, damaged files, changes of leader, and every step of the work behind. After each
 * event the rules of the design hold; at the end all nodes have the same blocks, byte for byte.
 * More: {@code -Drafttsdb.simulations=2000}, from a seed on: {@code
 * -Drafttsdb.simulation.first=172}.
 */
class ShardSimulationTest {

  private static final int EVENTS = 300;

  /** Seeds that are enough to see each kind of event. */
  private static final int SEEDS = 12;

  /** So many have each kind of event; the rarest comes once in ten. */
  private static final int SEEDS_FOR_EVERYTHING = 200;

  /** Of mistakes that are looked for, how many seeds may miss one. */
  private static final int SEEDS_OF_MUTANT = 60;

  private static final Logger LOG = (Logger) LoggerFactory.getLogger("io.rafttsdb");

  private static final Map<String, Integer> TALLY = new TreeMap<>();

  /** Files that nobody needs after the test: in memory where that can be had. */
  static final class InMemory implements TempDirFactory {
    @Override
    public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext context)
        throws IOException {
      Path memory = Path.of("/dev/shm");
      return Files.isWritable(memory)
          ? Files.createTempDirectory(memory, "raft-tsdb-simulation")
          : Files.createTempDirectory("raft-tsdb-simulation");
    }
  }

  static LongStream seeds() {
    long first = Long.getLong("rafttsdb.simulation.first", 0);
    LongStream fixed =
        LongStream.range(first, first + Integer.getInteger("rafttsdb.simulations", SEEDS));
    boolean isReplay = System.getProperty("rafttsdb.simulation.first") != null;
    return isReplay ? fixed : LongStream.concat(fixed, new Random().longs(2));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void theRulesHoldAfterEachEvent(long seed, @TempDir(factory = InMemory.class) Path directory)
      throws Exception {
    run(seed, directory, Mutant.NONE, TALLY);
  }

  /** What goes wrong here is meant to, a thousand times. */
  @BeforeAll
  static void silence() {
    LOG.setLevel(Level.OFF);
  }

  /** What the seeds have reached; the hazards of docs/ratis.md are among it. */
  @AfterAll
  static void everythingHappened() {
    LOG.setLevel(null);
    System.out.println("simulated: " + TALLY);
    if (Integer.getInteger("rafttsdb.simulations", SEEDS) >= SEEDS_FOR_EVERYTHING) {
      assertThat(TALLY)
          .containsKeys(
              "Compact",
              "CutHead",
              "CutOutOfOrder",
              "BlockBuilt",
              "block damaged",
              "block fetched",
              "block swept",
              "chunks spilled",
              "cut off",
              "installed",
              "killed",
              "killed while starting",
              "killed while working",
              "late command",
              "leader changed",
              "log purged",
              "meanwhile",
              "power lost",
              "snapshot",
              "snapshot damaged",
              "started from a snapshot",
              "wiped");
    }
  }

  /** The checks can fail: each mistake is found within some seeds. */
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void aMistakeIsFound(Mutant mutant, @TempDir(factory = InMemory.class) Path directory)
      throws Exception {
    for (long seed = 0; seed < SEEDS_OF_MUTANT; seed++) {
      try {
        run(seed, directory.resolve("seed" + seed), mutant, new TreeMap<>());
      } catch (AssertionError e) {
        assertThat(e).hasMessageContaining("seed " + seed);
        return;
      }
    }
    fail("%s is not found by any of %d seeds", mutant, SEEDS_OF_MUTANT);
  }

  @Test
  void aSeedGivesTheSameHistoryAgain(@TempDir(factory = InMemory.class) Path directory)
      throws Exception {
    Map<String, Integer> first = new TreeMap<>();
    Map<String, Integer> again = new TreeMap<>();
    SimulatedHistory.Digest state = run(5, directory.resolve("first"), Mutant.NONE, first);
    assertThat(run(5, directory.resolve("again"), Mutant.NONE, again)).isEqualTo(state);
    assertThat(again).isEqualTo(first);
  }

  /** Runs a seed to its end; the last state. */
  static SimulatedHistory.Digest run(
      long seed, Path directory, Mutant mutant, Map<String, Integer> tally) throws Exception {
    try (SimulatedShard shard = new SimulatedShard(directory, seed, mutant, tally)) {
      for (int i = 0; i < EVENTS; i++) {
        shard.event();
      }
      shard.settle();
      Map<Ulid, String> checksums = shard.leader().checksums();
      for (SimulatedNode node : shard.nodes()) {
        assertThat(node.checksums()).isEqualTo(checksums);
      }
      return shard.history().entry(shard.history().lastIndex()).state();
    } catch (Exception | AssertionError e) {
      throw new AssertionError(
          "seed "
              + seed
              + " fails; again: -Dtest=ShardSimulationTest -Drafttsdb.simulations=1"
              + " -Drafttsdb.simulation.first="
              + seed,
          e);
    }
  }
}
