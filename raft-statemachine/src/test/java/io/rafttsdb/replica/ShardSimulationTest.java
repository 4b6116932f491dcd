package io.rafttsdb.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.manifest.ManifestPart;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A whole shard in one thread under seeded chance: entries, delays, kills, snapshots, changes of
 * leader, and every step of the work behind. After each event the rules of the design hold; at the
 * end all nodes have the same blocks, byte for byte. More: {@code -Drafttsdb.simulations=2000},
 * from a seed on: {@code -Drafttsdb.simulation.first=172}.
 */
class ShardSimulationTest {

  private static final int EVENTS = 400;

  private static final Map<String, Integer> TALLY = new TreeMap<>();

  @AfterAll
  static void everythingHappened() {
    System.out.println("simulated: " + TALLY);
    assertThat(TALLY).containsKeys("CutHead", "CutOutOfOrder", "BlockBuilt", "Compact", "fetched");
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
    SplittableRandom random = new SplittableRandom(seed);
    Settings settings =
        new Settings(
            SimulatedShard.RANGE_MS,
            random.nextBoolean() ? 2 * SimulatedShard.RANGE_MS : 0,
            random.nextBoolean() ? Settings.UNLIMITED : 12 * SimulatedShard.RANGE_MS,
            Settings.UNLIMITED,
            random.nextInt(2, 4));
    try (SimulatedShard shard = new SimulatedShard(directory, 3, settings, random, TALLY)) {
      for (int i = 0; i < EVENTS; i++) {
        shard.event();
      }
      settle(shard);
      Map<Ulid, String> checksums = shard.leader().checksums();
      for (SimulatedNode node : shard.nodes()) {
        assertThat(node.checksums()).isEqualTo(checksums);
      }
      List<ManifestPart> parts = shard.leader().tsdb().manifest().parts();
      assertThat(parts).allMatch(ManifestPart::isBuilt);
      assertThat(checksums).hasSameSizeAs(parts);
    }
  }

  /** No more writes and no more faults: everything that is to be done gets done. */
  private static void settle(SimulatedShard shard) throws Exception {
    for (int round = 0; round < 60; round++) {
      shard.tick();
      for (SimulatedNode node : shard.nodes()) {
        shard.catchUp(node);
        for (int steps = 0; steps < 5; steps++) {
          node.work();
          boolean _ = node.scrub();
        }
      }
      shard.catchUp(shard.leader());
      shard.leader().lead();
      for (SimulatedNode node : shard.nodes()) {
        shard.catchUp(node);
        shard.check(node);
      }
    }
  }
}
