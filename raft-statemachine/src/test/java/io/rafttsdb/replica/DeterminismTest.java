package io.rafttsdb.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.command.CommandCodec;
import io.rafttsdb.command.LogCommand;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.Samples;
import io.rafttsdb.storage.model.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The same encoded entries on two engines, one of which restarts from snapshots at random points
 * and replays what came after: results and states stay equal.
 */
class DeterminismTest {
  private static final int ENTRIES = 300;
  private static final int SERIES = 40;
  private static final long SEEDS_FIXED = 24;
  private static final long RANGE_MS = 600_000;

  @TempDir Path directory;

  static LongStream seeds() {
    return LongStream.concat(LongStream.range(0, SEEDS_FIXED), new SplittableRandom().longs(4));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void aRestartFromASnapshotChangesNothing(long seed) throws Exception {
    RandomGenerator random = new SplittableRandom(seed);
    CommandApplier applier = new CommandApplier();
    Tsdb steady = new Tsdb();
    Tsdb restarting = new Tsdb();
    List<byte[]> log = new ArrayList<>();
    Path image = directory.resolve("head");
    int imageEnd = -1; // entries that the image holds
    for (int i = 0; i < ENTRIES; i++) {
      byte[] entry = entry(i, random, steady);
      log.add(entry);
      AppliedEntry expected = applier.apply(steady, i, CommandCodec.decode(entry));
      assertThat(applier.apply(restarting, i, CommandCodec.decode(entry))).isEqualTo(expected);
      if (random.nextInt(20) == 0) {
        byte[] hash = restarting.freeze().writeTo(image);
        assertThat(hash).isEqualTo(steady.freeze().stateHash());
        imageEnd = i + 1;
      }
      if (imageEnd > 0 && random.nextInt(25) == 0) {
        restarting = Tsdb.load(image);
        assertThat(restarting.publishedIndex()).isEqualTo(imageEnd - 1);
        for (int replayed = imageEnd; replayed <= i; replayed++) {
          applier.apply(restarting, replayed, CommandCodec.decode(log.get(replayed)));
        }
      }
    }
    assertThat(restarting.freeze().stateHash()).isEqualTo(steady.freeze().stateHash());
    assertThat(applier.samplesStored()).isGreaterThan(2 * ENTRIES);
    if (seed >= 0 && seed < SEEDS_FIXED) {
      assertThat(steady.sealedUpToMs()).isGreaterThan(TestCluster.START_MS);
    }
  }

  private static byte[] entry(int index, RandomGenerator random, Tsdb tsdb) {
    if (index == 0 || random.nextInt(60) == 0) {
      return CommandCodec.encode(
          new LogCommand.Configure(
              new Settings(
                  index == 0 || random.nextBoolean() ? RANGE_MS : 2 * RANGE_MS,
                  random.nextBoolean() ? 0 : 2 * RANGE_MS)));
    }
    if (random.nextInt(6) == 0) {
      return CommandCodec.encode(RandomPlans.next(random, tsdb));
    }
    if (random.nextInt(60) == 0) {
      return new byte[] {1, 1, (byte) random.nextInt(128), 3};
    }
    List<SampleBatch> requests = new ArrayList<>();
    for (int count = 1 + random.nextInt(4); count > 0; count--) {
      requests.add(request(index, random, tsdb));
    }
    return CommandCodec.encode(new LogCommand.Append(requests));
  }

  /** Mostly in order; with repeats, duplicates, samples that are too old, and refs of nothing. */
  private static SampleBatch request(int index, RandomGenerator random, Tsdb tsdb) {
    SampleBatch.Builder batch = new SampleBatch.Builder();
    for (int rows = random.nextInt(30); rows > 0; rows--) {
      Labels labels = Labels.of("__name__", "m", "i", "" + random.nextInt(SERIES));
      long ref = tsdb.refOf(labels);
      if (ref == SampleBatch.NO_REF || random.nextInt(10) == 0) {
        batch.series(labels);
      } else {
        batch.series(random.nextInt(500) == 0 ? 1_000_000 : ref);
      }
      for (int samples = random.nextInt(4); samples > 0; samples--) {
        long step = random.nextInt(12) == 0 ? random.nextInt(-500, 10) : random.nextInt(3);
        batch.sample(TestCluster.START_MS + (index + step) * 15_000, value(random));
      }
    }
    return batch.build();
  }

  private static long value(RandomGenerator random) {
    return switch (random.nextInt(5)) {
      case 0 -> Samples.STALE;
      case 1 -> random.nextLong();
      default -> Double.doubleToRawLongBits(random.nextInt(3));
    };
  }
}
