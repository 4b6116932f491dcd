package io.rafttsdb.replica.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.rafttsdb.replica.check.CheckVerdict.Agreed;
import io.rafttsdb.replica.check.CheckVerdict.Diverged;
import io.rafttsdb.replica.check.CheckVerdict.NoMajority;
import io.rafttsdb.replica.check.CheckVerdict.Undecided;
import io.rafttsdb.storage.manifest.Digest;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CheckVerdictTest {
  private static final Digest A = new Digest(1, 2, 3, 4);
  private static final Digest B = new Digest(1, 2, 3, 5);
  private static final Digest C = new Digest(0, 2, 3, 4);

  static Stream<Arguments> verdicts() {
    return Stream.of(
        arguments("1", Map.of("1", A), new Agreed(A)),
        arguments("1 2", Map.of("1", A), new Undecided()),
        arguments("1 2", Map.of("1", A, "2", A), new Agreed(A)),
        arguments("1 2", Map.of("1", A, "2", B), new NoMajority()),
        arguments("1 2 3", Map.of(), new Undecided()),
        arguments("1 2 3", Map.of("2", B), new Undecided()),
        arguments("1 2 3", Map.of("2", B, "3", B), new Agreed(B)),
        arguments("1 2 3", Map.of("2", B, "3", A), new NoMajority()),
        arguments(
            "1 2 3",
            Map.of("1", A, "2", B, "3", A),
            new Diverged(A, List.of("1", "3"), List.of("2"))),
        arguments("1 2 3", Map.of("1", A, "2", B, "3", C), new NoMajority()),
        arguments("1 2 3 4", Map.of("1", A, "2", B, "3", A, "4", B), new NoMajority()),
        arguments("1 2 3 4", Map.of("1", A, "2", A), new Undecided()),
        arguments(
            "1 2 3 4 5",
            Map.of("1", A, "2", B, "3", A, "4", A, "5", C),
            new Diverged(A, List.of("1", "3", "4"), List.of("2", "5"))),
        // A listener makes no majority and can be wrong.
        arguments("1 2 3", Map.of("1", A, "9", A), new Undecided()),
        arguments("1 2 3", Map.of("1", A, "9", B), new Undecided()),
        arguments(
            "1 2 3",
            Map.of("1", A, "2", A, "9", B),
            new Diverged(A, List.of("1", "2"), List.of("9"))));
  }

  @ParameterizedTest
  @MethodSource("verdicts")
  void verdict(String voters, Map<String, Digest> hashes, CheckVerdict expected) {
    assertThat(CheckVerdict.of(Set.of(voters.split(" ")), hashes)).isEqualTo(expected);
  }

  /** Whoever is wrong, no node is told to give up a state that a majority has. */
  @Test
  void aMajoritysStateIsNeverGivenUp() {
    Random random = new Random(7);
    for (int round = 0; round < 20_000; round++) {
      int voters = 1 + random.nextInt(7);
      Set<String> ids = new TreeSet<>();
      Map<String, Digest> hashes = new TreeMap<>();
      for (int i = 0; i < voters; i++) {
        ids.add("n" + i);
        if (random.nextInt(5) > 0) {
          hashes.put("n" + i, List.of(A, A, A, B, C).get(random.nextInt(5)));
        }
      }
      for (Digest state : List.of(A, B, C)) {
        long holders = hashes.values().stream().filter(state::equals).count();
        CheckVerdict verdict = CheckVerdict.of(ids, hashes);
        boolean isMajority = 2 * holders > voters;
        if (isMajority) {
          assertThat(verdict)
              .matches(v ->
                  v.equals(new Agreed(state))
                      || (v instanceof Diverged d && d.hash().equals(state)));
        }
        if (verdict instanceof Diverged diverged) {
          assertThat(2 * diverged.majority().size()).isGreaterThan(voters);
          assertThat(diverged.minority())
              .allSatisfy(id -> assertThat(hashes.get(id)).isNotEqualTo(diverged.hash()));
        }
      }
    }
  }
}
