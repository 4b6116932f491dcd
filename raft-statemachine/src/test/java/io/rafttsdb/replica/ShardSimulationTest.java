package io.rafttsdb.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.manifest.ManifestPart;
import io.rafttsdb.storage.model.Ulid;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A whole shard in one thread under seeded chance: entries, delays, kills, power losses, snapshots,
 * purges, installs, damaged files, changes of leader, and every step of the work behind. After each
 * event the rules of the design hold; at the end all nodes have the same blocks, byte for byte.
 * More: {@code -Drafttsdb.simulations=2000}, from a seed on: {@code
 * -Drafttsdb.simulation.first=172}.
 */
class ShardSimulationTest {

  static final int EVENTS = 400;

  private static final Map<String, Integer> TALLY = new TreeMap<>();

  @AfterAll
  static void everythingHappened() {
    System.out.println("simulated: " + TALLY);
    assertThat(TALLY).containsKeys("CutHead", "BlockBuilt", "Compact");
  }

  static LongStream seeds() {
    long first = Long.getLong("rafttsdb.simulation.first", 0);
    return LongStream.concat(
        LongStream.range(first, first + Integer.getInteger("rafttsdb.simulations", 20)),
        new Random().longs(2));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void theRulesHoldAfterEachEvent(long seed, @TempDir Path directory) throws Exception {
    run(seed, directory, Mutant.NONE, TALLY);
  }

  static void run(long seed, Path directory, Mutant mutant, Map<String, Integer> tally)
      throws Exception {
    try (SimulatedShard shard = new SimulatedShard(directory, seed, mutant, tally)) {
      for (int i = 0; i < EVENTS; i++) {
        shard.event();
      }
      shard.settle();
      Map<Ulid, String> checksums = shard.leader().checksums();
      for (SimulatedNode node : shard.nodes()) {
        assertThat(node.checksums()).isEqualTo(checksums);
      }
      List<ManifestPart> parts = shard.leader().tsdb().manifest().parts();
      assertThat(parts).allMatch(ManifestPart::isBuilt);
      assertThat(checksums).hasSameSizeAs(parts);
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
