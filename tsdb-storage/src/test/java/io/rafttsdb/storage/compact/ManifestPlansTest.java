package io.rafttsdb.storage.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.Digest;
import io.rafttsdb.storage.manifest.Manifest;
import io.rafttsdb.storage.manifest.ManifestChange;
import io.rafttsdb.storage.manifest.ManifestPart.Origin;
import io.rafttsdb.storage.model.Ulid;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Plans from a manifest, carried out in it: it refuses none of them. */
class ManifestPlansTest {

  private static final BlockRanges RANGES = new BlockRanges(List.of(20L, 40L, 80L));
  private static final BlockFacts FACTS =
      new BlockFacts(Digest.of(new byte[Digest.BYTES]), 1000, 100, 100, 100);

  private Manifest manifest = Manifest.EMPTY;
  private long ulids;

  private Ulid nextUlid() {
    ulids++;
    return new Ulid(0, ulids);
  }

  private void accept(ManifestChange change) {
    assertThat(change).isInstanceOf(ManifestChange.Accepted.class);
    manifest = ((ManifestChange.Accepted) change).manifest();
  }

  private Ulid cut(Origin origin, long minMs) {
    Ulid ulid = nextUlid();
    accept(manifest.cut(ulid, origin, minMs, minMs + 20));
    return ulid;
  }

  private void built(Ulid ulid) {
    accept(manifest.built(ulid, FACTS));
  }

  private List<BlockEntry> entries() {
    return BlockEntry.of(manifest, ulid -> ulid.low() % 7, Set.of());
  }

  @Test
  void whatWaitsOrIsInWorkIsExcluded() {
    Ulid first = cut(Origin.HEAD, 0);
    built(first);
    Ulid second = cut(Origin.HEAD, 20);
    built(second);
    Ulid waiting = cut(Origin.HEAD, 40);
    assertThat(entries())
        .containsExactly(
            new BlockEntry(first, 0, 20, 1, 100, 1, 1000, false),
            new BlockEntry(second, 20, 40, 1, 100, 2, 1000, false),
            new BlockEntry(waiting, 40, 60, 1, 0, 0, 0, true));
    CompactionPlan plan = CompactionPlanner.plan(entries(), RANGES).orElseThrow();
    assertThat(plan.sources()).containsExactly(first, second);
    assertThat(CompactionPlanner.plan(BlockEntry.of(manifest, ulid -> 0, Set.of(first)), RANGES))
        .as("what failed is left alone")
        .isEmpty();
    accept(manifest.compact(nextUlid(), plan.sources()));
    assertThat(CompactionPlanner.plan(entries(), RANGES)).as("one at a time").isEmpty();
  }

  @Test
  void retentionChoosesFromBuiltParts() {
    cut(Origin.HEAD, 0);
    Ulid old = cut(Origin.OUT_OF_ORDER, 20);
    built(old);
    Ulid newest = cut(Origin.HEAD, 200);
    built(newest);
    assertThat(BlockEntry.built(manifest))
        .extracting(BlockEntry::ulid)
        .containsExactly(old, newest);
    RetentionPlan plan =
        RetentionPlanner.plan(
            BlockEntry.built(manifest), new RetentionPlanner.Limits(100, Long.MAX_VALUE), 1000);
    assertThat(plan).isEqualTo(new RetentionPlan.Drop(List.of(old)));
    accept(manifest.drop(((RetentionPlan.Drop) plan).blocks()));
    assertThat(manifest.parts()).hasSize(2);
  }

  /** Of what waits or was ordered, in any order. */
  private void buildSome(SplittableRandom random) {
    List<Ulid> unbuilt = new ArrayList<>();
    manifest.parts().stream()
        .filter(part -> !part.isBuilt())
        .forEach(part -> unbuilt.add(part.ulid()));
    manifest.compactions().forEach(ordered -> unbuilt.add(ordered.result()));
    for (Ulid ulid : unbuilt) {
      if (random.nextInt(3) != 0) {
        built(ulid);
      }
    }
  }

  static LongStream seeds() {
    return LongStream.concat(
        LongStream.range(0, 40), new SplittableRandom().longs(10).map(Math::abs));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void aManifestAcceptsEveryPlan(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    long headMs = 0;
    int plans = 0;
    for (int step = 0; step < 60; step++) {
      boolean isLate = headMs > 0 && random.nextInt(4) == 0;
      if (isLate) {
        cut(Origin.OUT_OF_ORDER, 20 * random.nextLong(headMs / 20));
      } else if (manifest.waitingCount() < Manifest.WAITING_MAX) {
        cut(Origin.HEAD, headMs);
        headMs += 20;
      }
      buildSome(random);
      CompactionPlan plan = CompactionPlanner.plan(entries(), RANGES).orElse(null);
      if (plan != null) {
        accept(manifest.compact(nextUlid(), plan.sources()));
        plans++;
      }
    }
    assertThat(plans).isGreaterThan(0);
  }
}
