package io.rafttsdb.replica;

import io.rafttsdb.command.LogCommand;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Matcher;
import io.rafttsdb.storage.model.SampleBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToLongFunction;

/** What the clients of a simulated shard write and delete: mostly scrapes, one after the other. */
final class SimulatedWrites {
  private static final int SERIES = 8;
  private static final long STEP_MS = 15_000;

  private final SplittableRandom random;
  private long nowMs;
  private SampleBatch last;

  SimulatedWrites(SplittableRandom random, long startMs) {
    this.random = random;
    this.nowMs = startMs;
    this.last = scrape(SimulatedWrites::noRef);
  }

  long nowMs() {
    return nowMs;
  }

  /**
   * The next write: one request or two.
   *
   * @param leader whose refs are used now and then; they may be gone when the write is applied
   */
  LogCommand.Append next(Tsdb leader) {
    List<SampleBatch> batches = new ArrayList<>();
    for (int left = random.nextInt(4) == 0 ? 2 : 1; left > 0; left--) {
      batches.add(
          switch (random.nextInt(10)) {
            case 0 -> last;
            case 1, 2 -> late();
            default -> scraped(random.nextInt(4) == 0 ? leader::refOf : SimulatedWrites::noRef);
          });
    }
    return new LogCommand.Append(batches);
  }

  private SampleBatch scrape(ToLongFunction<Labels> refs) {
    nowMs += random.nextLong(STEP_MS);
    SampleBatch.Builder batch = new SampleBatch.Builder();
    for (int i = 0; i < SERIES; i++) {
      if (random.nextInt(8) > 0) {
        Labels labels = labels(i);
        long ref = refs.applyAsLong(labels);
        if (ref == SampleBatch.NO_REF) {
          batch.series(labels);
        } else {
          batch.series(ref);
        }
        batch.sample(nowMs, random.nextLong(1000));
      }
    }
    return batch.build();
  }

  private SampleBatch scraped(ToLongFunction<Labels> refs) {
    last = scrape(refs);
    return last;
  }

  private static long noRef(Labels labels) {
    return SampleBatch.NO_REF;
  }

  private SampleBatch late() {
    SampleBatch.Builder batch = new SampleBatch.Builder();
    long lateMs = nowMs - random.nextLong(3 * SimulatedShard.RANGE_MS);
    for (int i = random.nextInt(3); i < SERIES; i += random.nextInt(1, 4)) {
      batch.series(labels(i));
      batch.sample(lateMs + random.nextInt(3), random.nextLong(1000));
    }
    return batch.build();
  }

  private static Labels labels(int series) {
    return Labels.of("__name__", "m" + series % 2, "i", String.valueOf(series));
  }

  LogCommand.Delete delete() {
    Matcher matcher =
        random.nextBoolean()
            ? new Matcher(Matcher.Type.EQUAL, "i", String.valueOf(random.nextInt(SERIES)))
            : new Matcher(Matcher.Type.REGEX, "__name__", "m[12]");
    long minMs = nowMs - random.nextLong(10 * SimulatedShard.RANGE_MS);
    return new LogCommand.Delete(
        List.of(matcher), minMs, minMs + random.nextLong(3 * SimulatedShard.RANGE_MS));
  }
}
