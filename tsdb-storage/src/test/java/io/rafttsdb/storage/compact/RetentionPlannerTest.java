package io.rafttsdb.storage.compact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.storage.compact.RetentionPlanner.Limits;
import io.rafttsdb.storage.model.Ulid;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Manifests as text: {@code A0-20/5} is the block A of [0, 20) with 5 bytes. */
class RetentionPlannerTest {

  private static final long ANY = Long.MAX_VALUE;

  @ParameterizedTest
  @CsvSource({
    "'', 100, ''",
    "A0-20/1, 1, ''",
    // Ends exactly the retention before the newest end: gone.
    "A0-20/1 B100-120/1, 100, A",
    "A0-20/1 B100-120/1, 101, ''",
    "B100-120/1 A0-20/1 C20-40/1 D0-21/1, 99, A D",
    // By its end: a long block that reaches far stays.
    "A0-90/1 B20-40/1 C100-120/1, 50, B",
    // The newest end counts, not the newest start.
    "A0-500/1 B100-120/1, 100, B",
    // Equal ends, in the order of names.
    "C0-20/1 B0-20/1 A10-20/1 D100-120/1, 60, A B C",
  })
  void dropsWhatEndsBeforeTheRetention(String manifest, long timeMs, String drops) {
    assertThat(drops(manifest, new Limits(timeMs, ANY))).isEqualTo(drops);
  }

  @ParameterizedTest
  @CsvSource({
    "A0-20/5 B20-40/5 C40-60/5, 15, ''",
    "A0-20/5 B20-40/5 C40-60/5, 14, A",
    // What takes the sum above the limit goes with all older ones, even if they are small.
    "A0-20/1 B20-40/10 C40-60/5, 14, A B",
    // The newest, too.
    "A0-20/1 B20-40/9, 8, A B",
    "A0-20/0 B20-40/8, 8, ''",
  })
  void dropsWhatIsAboveTheSize(String manifest, long sizeBytes, String drops) {
    assertThat(drops(manifest, new Limits(ANY, sizeBytes))).isEqualTo(drops);
  }

  @Test
  void bothLimitsApply() {
    String manifest = "A0-20/5 B20-40/5 C40-60/5";
    assertThat(drops(manifest, new Limits(40, 10))).isEqualTo("A");
    assertThat(drops(manifest, new Limits(20, 10))).isEqualTo("A B");
    assertThat(drops(manifest, new Limits(40, 5))).isEqualTo("A B");
    assertThat(drops(manifest, new Limits(ANY, ANY))).isEmpty();
  }

  @Test
  void nothingGoesWhileTheNewestBlockIsInTheFuture() {
    List<BlockEntry> manifest = List.of(block("A0-20/1"), block("Z0-900000/1"));
    Limits limits = new Limits(100, ANY);
    assertThat(RetentionPlanner.plan(manifest, limits, 299_999))
        .isEqualTo(new RetentionPlan.HeldBack(new Ulid(0, 'Z'), 900_000));
    assertThat(RetentionPlanner.plan(manifest, limits, 300_000))
        .isEqualTo(new RetentionPlan.Drop(List.of(new Ulid(0, 'A'))));
    assertThat(RetentionPlanner.plan(manifest, new Limits(ANY, ANY), 0))
        .as("nothing to hold back")
        .isEqualTo(new RetentionPlan.Drop(List.of()));
  }

  @Test
  void endsOfTimeDoNotOverflow() {
    BlockEntry oldest =
        new BlockEntry(new Ulid(0, 1), Long.MIN_VALUE, Long.MIN_VALUE + 1, 1, 1, 0, 1, false);
    BlockEntry newest = new BlockEntry(new Ulid(0, 2), 0, Long.MAX_VALUE, 1, 1, 0, 1, false);
    List<BlockEntry> both = List.of(oldest, newest);
    assertThat(RetentionPlanner.plan(both, new Limits(10, ANY), Long.MAX_VALUE))
        .isEqualTo(new RetentionPlan.Drop(List.of(oldest.ulid())));
    assertThat(RetentionPlanner.plan(both, new Limits(10, ANY), Long.MIN_VALUE))
        .isInstanceOf(RetentionPlan.HeldBack.class);
    assertThat(RetentionPlanner.plan(List.of(oldest), new Limits(ANY, ANY), 0))
        .isEqualTo(new RetentionPlan.Drop(List.of()));
  }

  @Test
  void refusesLimitsOfNothing() {
    assertThatThrownBy(() -> new Limits(0, 1)).hasMessageContaining("0 ms and 1 bytes");
    assertThatThrownBy(() -> new Limits(1, -1)).hasMessageContaining("-1 bytes");
  }

  private static String drops(String manifest, Limits limits) {
    List<BlockEntry> blocks = new ArrayList<>();
    for (String text : manifest.isEmpty() ? new String[0] : manifest.split(" ", -1)) {
      blocks.add(block(text));
    }
    RetentionPlan plan = RetentionPlanner.plan(blocks, limits, 1_000);
    return ((RetentionPlan.Drop) plan)
        .blocks().stream()
            .map(ulid -> Character.toString((char) ulid.low()))
            .collect(Collectors.joining(" "));
  }

  private static BlockEntry block(String text) {
    String[] parts = text.substring(1).split("[-/]", -1);
    return new BlockEntry(
        new Ulid(0, text.charAt(0)),
        Long.parseLong(parts[0]),
        Long.parseLong(parts[1]),
        1,
        1,
        0,
        Long.parseLong(parts[2]),
        false);
  }
}
