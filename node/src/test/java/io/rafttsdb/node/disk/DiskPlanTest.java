package io.rafttsdb.node.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.node.disk.DiskState.Level;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What follows from free bytes. */
final class DiskPlanTest {

  private static DiskState state(Level level) {
    return new DiskState(77, 100, level);
  }

  @ParameterizedTest
  @CsvSource({
    "ROOM, 100, ROOM",
    "ROOM, 99, LOW",
    "ROOM, 50, LOW",
    "ROOM, 49, FULL",
    "LOW, 100, LOW",
    "LOW, 111, LOW",
    "LOW, 112, ROOM",
    "FULL, 50, LOW",
    "FULL, 112, ROOM"
  })
  void aReserveOf100(Level before, long free, Level after) {
    assertThat(state(before).next(free, 100)).isEqualTo(new DiskState(free, 100, after));
  }

  @Test
  void theReserveIsTwoSegmentsTheHeadAndTheMargin() {
    assertThat(DiskState.reserve(32, 1000, 7)).isEqualTo(1071);
  }

  /** Voters are n1, n2 and so on, n1 leads. */
  @ParameterizedTest
  @CsvSource({
    "1, ROOM, '',       true,  ''",
    "1, LOW,  '',       false, ''",
    "3, ROOM, 'n2 n3',  true,  ''",
    "3, ROOM, 'n2',     true,  ''",
    "3, ROOM, '',       false, ''",
    "3, LOW,  'n2 n3',  true,  'n2 n3'",
    "3, LOW,  'n3',     false, 'n3'",
    "3, FULL, '',       false, ''",
    "4, ROOM, 'n2',     false, ''",
    "5, FULL, 'n2 n3 n5', true, 'n2 n3 n5'",
    "3, ROOM, 'n8 n9',  false, ''"
  })
  void aLeader(int voters, Level own, String room, boolean takesSamples, String handOverTo) {
    Set<String> names = new TreeSet<>();
    for (int i = 1; i <= voters; i++) {
      names.add("n" + i);
    }
    DiskPlan plan = DiskPlan.ofLeader(state(own), "n1", names, Set.of(room.split(" ", -1)));

    assertThat(plan.refusal().isEmpty()).as(plan.refusal()).isEqualTo(takesSamples);
    assertThat(String.join(" ", plan.handOverTo())).isEqualTo(handOverTo);
    assertThat(plan.stops()).isFalse();
  }

  @Test
  void aRefusalSaysHowMuchIsWhere() {
    assertThat(DiskPlan.ofLeader(state(Level.LOW), "n1", Set.of("n1", "n2", "n3"), Set.of("n2")))
        .isEqualTo(
            new DiskPlan(
                "low disk: 1 of 3 nodes have room for more, and 2 are needed. Free or add disk"
                    + " space; n1 has 77 bytes free and keeps 100 in reserve",
                List.of("n2"),
                false));
  }

  @ParameterizedTest
  @CsvSource({"ROOM, false", "LOW, false", "FULL, true"})
  void aFollowerStopsBeforeItsLogFails(Level own, boolean stops) {
    assertThat(DiskPlan.ofFollower(state(own))).isEqualTo(new DiskPlan("", List.of(), stops));
  }
}
