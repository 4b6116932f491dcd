package io.rafttsdb.storage.compact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.storage.model.Ulid;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Manifests as text: {@code A0-20 B20-40x} are the blocks A of [0, 20) and B of [20, 40), which
 * entered in this order, B excluded; {@code C0-20/3} has 3 tombstones on its 100 series. The ladder
 * is 20, 40, 80, 160 (or 20, 60, 180 of factor 3) unless said otherwise.
 */
class CompactionPlannerTest {

  private static final BlockRanges TWOFOLD = new BlockRanges(List.of(20L, 40L, 80L, 160L));
  private static final BlockRanges THREEFOLD = new BlockRanges(List.of(20L, 60L, 180L));
  private static final long SERIES = 100;
  private static final String NOTHING = "-";

  @ParameterizedTest
  @CsvSource({
    "'', -",
    "A0-20, -",
    // Two that overlap, even if one of them is the newest.
    "A0-20 B10-30, OVERLAP A B",
    // The order of entry rules, whatever the order of time or name.
    "B10-30 A0-20, OVERLAP B A",
    "A0-20 B20-40, -",
    // The whole run, also where its ends have nothing in common.
    "A0-20 B10-30 C25-45 D45-60, OVERLAP A B C",
    // One that spans all others.
    "A0-100 B10-20 C30-40 D90-110 E110-120, OVERLAP A B C D",
    // The first run in time only.
    "A100-120 B100-120 C0-20 D0-20 E200-220, OVERLAP C D",
    "A0-20 B0-20 C0-20, OVERLAP A B C",
    "D0-20 C0-20, OVERLAP D C",
    // What overlaps an excluded block stays, the next run does not.
    "A0-20x B10-30 C50-70 D50-60, OVERLAP C D",
    "A0-20 B10-30 C25-45x D60-80, -",
    "A0-20x B0-20, -",
  })
  void mergesOverlapsFirst(String manifest, String plan) {
    assertThat(planned(manifest, TWOFOLD)).isEqualTo(plan);
  }

  @ParameterizedTest
  @CsvSource({
    // The newest is left out, so two blocks wait for a third.
    "A0-20 B20-40, -",
    "A0-20 B20-40 C40-60, RANGE A B",
    "C40-60 B20-40 A0-20, RANGE B A",
    // Not aligned: 20-60 is no window.
    "A20-40 B40-60 C60-80, -",
    "A20-40 B40-60 C60-80 D80-100, RANGE B C",
    // Lone in its window.
    "A0-20 B40-60 C80-100, -",
    // Short ranges first, then longer ones.
    "A0-40 B40-80 C80-100 D100-120 E120-140, RANGE C D",
    "A0-40 B40-80 C80-120 D120-140, RANGE A B",
    // 0-80 is spanned with a gap in the middle.
    "A0-20 B60-80 C80-100, RANGE A B",
    // Not spanned, but before the newest of the rest: nothing will come to it.
    "A0-20 B40-60 C80-100 D100-120, RANGE A B",
    // Not spanned, and not before the newest of the rest, which is in it.
    "A0-20 B40-60 C80-100, -",
    // Longer than the window, or across its border: left out of it.
    "A0-40 B30-50 C50-60 D60-80, OVERLAP A B",
    "A0-30 B30-50 C50-60 D60-80 E80-100 F100-120, RANGE C D",
    // Excluded: its window stays as it is, others go on.
    "A0-20x B20-40 C40-60 D60-80 E80-100, RANGE C D",
    // Excluded newest counts as the newest.
    "A0-20 B20-40 C40-60x, RANGE A B",
    // Before 1970.
    "A-40--20 B-20-0 C0-20, RANGE A B",
    "A-20-0 B0-20 C20-40, -",
    "A-20-0 B0-20 C20-40 D40-60, RANGE B C",
    // Above the longest range nothing is merged.
    "A0-160 B160-320 C320-340, -",
  })
  void fillsAlignedWindows(String manifest, String plan) {
    assertThat(planned(manifest, TWOFOLD)).isEqualTo(plan);
  }

  @ParameterizedTest
  @CsvSource({
    "A0-20 B20-40 C40-60, -",
    "A0-20 B20-40 C40-60 D60-80, RANGE A B C",
    // Spanned though the middle is missing.
    "A0-20 B40-60 C60-80, RANGE A B",
    // The first is missing, but later blocks are there.
    "A20-40 B40-60 C60-80, -",
    "A20-40 B40-60 C60-80 D80-100, RANGE A B",
    "A0-60 B60-120 C120-180 D180-200, RANGE A B C",
    "A0-60 B60-120 C120-140 D140-160 E160-180 F180-200, RANGE C D E",
  })
  void followsTheRangesOfPrometheus(String manifest, String plan) {
    assertThat(planned(manifest, THREEFOLD)).isEqualTo(plan);
  }

  @ParameterizedTest
  @CsvSource({
    // The middle range of the ladder is 80; shares above 5 of 101.
    "A0-160/6 B160-180, TOMBSTONES A",
    "A0-160/5 B160-180, -",
    // The newest is left out.
    "A0-160, -",
    "A0-160/90, -",
    // The newest first.
    "A0-80/50 B160-240/7 C240-260, TOMBSTONES B",
    "A0-160/50 B160-240/5 C240-260, TOMBSTONES A",
    // A short block stops the search, unless all of it may be deleted.
    "A0-160/50 B160-180/99 C200-220, -",
    "A0-160/50 B160-180/100 C200-220, TOMBSTONES B",
    "A0-160/100 B160-200/100 C320-340 D340-360, -",
    // Excluded ones are passed over.
    "A0-160/50 B160-240/50x C240-260, TOMBSTONES A",
    // Merging comes first.
    "A0-20/100 B20-40 C40-60, RANGE A B",
  })
  void rewritesWhatIsDeleted(String manifest, String plan) {
    assertThat(planned(manifest, TWOFOLD)).isEqualTo(plan);
  }

  @Test
  void theRangeOfAPlanIsThatOfItsSources() {
    CompactionPlan plan =
        CompactionPlanner.plan(
                List.of(block("B60-80", 1), block("A0-20", 2), block("C80-100", 3)), TWOFOLD)
            .orElseThrow();
    assertThat(plan.minMs()).isZero();
    assertThat(plan.endMs()).isEqualTo(80);
  }

  static LongStream seeds() {
    return LongStream.concat(
        LongStream.range(0, 60), new SplittableRandom().longs(20).map(Math::abs));
  }

  /**
   * Random manifests, compacted until nothing is left to do: it ends; no plan leaves a block
   * outside that overlaps a source; no order of entry changes the set of sources; excluded blocks
   * stay.
   */
  @ParameterizedTest
  @MethodSource("seeds")
  void comesToAnEndAndOverlapsNothingOutside(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<BlockEntry> manifest = randomManifest(random);
    List<BlockEntry> excluded = manifest.stream().filter(BlockEntry::excluded).toList();
    int steps = 0;
    while (true) {
      List<BlockEntry> present = manifest;
      CompactionPlan plan = CompactionPlanner.plan(present, TWOFOLD).orElse(null);
      checkOrderChangesNothing(present, plan, seed);
      if (plan == null) {
        break;
      }
      List<BlockEntry> sources =
          present.stream().filter(block -> plan.sources().contains(block.ulid())).toList();
      assertThat(sources.stream().map(BlockEntry::ulid)).isEqualTo(plan.sources());
      for (BlockEntry other : present) {
        assertThat(sources.contains(other) || !overlaps(other, sources)).isTrue();
      }
      manifest = new ArrayList<>(present);
      int place = manifest.indexOf(sources.getFirst());
      manifest.removeAll(sources);
      manifest.add(
          place,
          new BlockEntry(new Ulid(9, steps), plan.minMs(), plan.endMs(), 2, SERIES, 0, 0, false));
      assertThat(++steps).isLessThan(200);
    }
    assertThat(manifest).containsAll(excluded);
  }

  private static void checkOrderChangesNothing(
      List<BlockEntry> manifest, @Nullable CompactionPlan plan, long seed) {
    List<BlockEntry> shuffled = new ArrayList<>(manifest);
    Collections.shuffle(shuffled, new Random(seed));
    List<Ulid> again =
        CompactionPlanner.plan(shuffled, TWOFOLD).map(CompactionPlan::sources).orElse(List.of());
    assertThat(again)
        .containsExactlyInAnyOrderElementsOf(plan == null ? List.of() : plan.sources());
  }

  private static boolean overlaps(BlockEntry block, List<BlockEntry> sources) {
    return sources.stream()
        .anyMatch(source -> block.minMs() < source.endMs() && source.minMs() < block.endMs());
  }

  private static List<BlockEntry> randomManifest(SplittableRandom random) {
    List<BlockEntry> manifest = new ArrayList<>();
    for (int i = random.nextInt(25); i >= 0; i--) {
      long minMs = 20 * random.nextLong(-5, 40) + (random.nextInt(8) == 0 ? 7 : 0);
      long endMs = minMs + 20L * (1 + random.nextInt(random.nextInt(6) == 0 ? 4 : 1));
      long tombstones = random.nextInt(6) == 0 ? random.nextInt(120) : 0;
      boolean excluded = random.nextInt(12) == 0;
      manifest.add(
          new BlockEntry(
              new Ulid(1, random.nextLong()), minMs, endMs, 1, SERIES, tombstones, 0, excluded));
    }
    return manifest;
  }

  @Test
  void theLadderEndsAtATenthOfTheRetention() {
    long hour = 3_600_000L;
    assertThat(hours(BlockRanges.of(2 * hour, 2)))
        .containsExactly(2L, 4L, 8L, 16L, 32L, 64L, 128L, 256L, 512L);
    assertThat(hours(BlockRanges.of(2 * hour, 2, 15 * 24 * hour)))
        .containsExactly(2L, 4L, 8L, 16L, 32L);
    assertThat(hours(BlockRanges.of(2 * hour, 3, 30 * 24 * hour)))
        .containsExactly(2L, 6L, 18L, 54L);
    assertThat(hours(BlockRanges.of(2 * hour, 2, Long.MAX_VALUE)).getLast()).isEqualTo(512L);
    assertThat(hours(BlockRanges.of(2 * hour, 2, hour))).containsExactly(2L);
    assertThat(BlockRanges.of(Long.MAX_VALUE, 2).rangesMs()).containsExactly(Long.MAX_VALUE);
  }

  @Test
  void refusesWhatIsNoLadderAndNoBlock() {
    assertThatThrownBy(() -> BlockRanges.of(10, 1)).hasMessage("factor 1, expected 2 to 16");
    assertThatThrownBy(() -> BlockRanges.of(10, 2, 0)).hasMessageContaining("retention of 0 ms");
    assertThatThrownBy(() -> new BlockRanges(List.of(20L, 50L))).hasMessageContaining("multiple");
    assertThatThrownBy(() -> new BlockRanges(List.of()))
        .hasMessageContaining("expected one above 0");
    assertThatThrownBy(() -> block("A20-20", 1)).hasMessageContaining("empty range [20, 20)");
  }

  private static List<Long> hours(BlockRanges ranges) {
    return ranges.rangesMs().stream().map(ms -> ms / 3_600_000).toList();
  }

  private static String planned(String manifest, BlockRanges ranges) {
    Map<Ulid, String> names = new HashMap<>();
    List<BlockEntry> blocks = new ArrayList<>();
    for (String text : manifest.isEmpty() ? new String[0] : manifest.split(" ", -1)) {
      BlockEntry block = block(text, text.charAt(0));
      names.put(block.ulid(), text.substring(0, 1));
      blocks.add(block);
    }
    return CompactionPlanner.plan(blocks, ranges)
        .map(plan ->
            plan.reason()
                + plan.sources().stream().map(names::get).collect(Collectors.joining(" ", " ", "")))
        .orElse(NOTHING);
  }

  private static BlockEntry block(String text, long ulid) {
    boolean excluded = text.endsWith("x");
    String[] rangeAndTombstones =
        (excluded ? text.substring(0, text.length() - 1) : text).split("/", -1);
    String range = rangeAndTombstones[0].substring(1);
    int dash = range.indexOf('-', 1);
    long tombstones = rangeAndTombstones.length > 1 ? Long.parseLong(rangeAndTombstones[1]) : 0;
    return new BlockEntry(
        new Ulid(0, ulid),
        Long.parseLong(range.substring(0, dash)),
        Long.parseLong(range.substring(dash + 1)),
        1,
        SERIES,
        tombstones,
        0,
        excluded);
  }
}
