package io.rafttsdb.node.members;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.node.members.LeaderSpread.Move;
import io.rafttsdb.replica.Member;
import io.rafttsdb.replica.Membership;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** How other shards follow the members of the first one, and how their leaders are spread. */
final class ShardRulesTest {

  private static final Member A = member("a", "1");
  private static final Member B = member("b", "1");
  private static final Member C = member("c", "1");
  private static final Member C_ANEW = member("c", "2");
  private static final Member D = member("d", "1");
  private static final Predicate<Member> ALL = Set.of(A, B, C, C_ANEW, D)::contains;
  private static final Predicate<Member> NONE = Set.<Member>of()::contains;

  private static Member member(String name, String incarnation) {
    return new Member(name, incarnation, name + ":10090", name + ":9090");
  }

  private static Membership members(List<Member> voters, Member... listeners) {
    return new Membership(7, true, voters, List.of(listeners));
  }

  private static ShardStep step(List<Member> voters, Member... listeners) {
    return new ShardStep(voters, List.of(listeners));
  }

  @Test
  void anAddedNodeListensFirstAndVotesWhenItHasCaughtUp() {
    Membership before = members(List.of(A, B, C));
    Membership listening = members(List.of(A, B, C), D);
    Membership voting = members(List.of(A, B, C, D));
    assertThat(ShardStep.next(listening, before, ALL)).contains(step(List.of(A, B, C), D));
    assertThat(ShardStep.next(listening, listening, ALL)).isEmpty();
    assertThat(ShardStep.next(voting, before, ALL)).contains(step(List.of(A, B, C), D));
    assertThat(ShardStep.next(voting, listening, NONE)).isEmpty();
    assertThat(ShardStep.next(voting, listening, ALL)).contains(step(List.of(A, B, C, D)));
  }

  @Test
  void aLostVoterGoesInTheStepInWhichItsReplacementVotes() {
    Membership home = members(List.of(A, B, C_ANEW));
    Membership before = members(List.of(A, B, C));
    Membership listening = members(List.of(A, B, C), C_ANEW);
    assertThat(ShardStep.next(home, before, ALL)).contains(step(List.of(A, B, C), C_ANEW));
    assertThat(ShardStep.next(home, listening, NONE)).isEmpty();
    assertThat(ShardStep.next(home, listening, ALL)).contains(step(List.of(A, B, C_ANEW)));
  }

  @Test
  void aRemovedMemberGoes() {
    Membership home = members(List.of(A, B));
    assertThat(ShardStep.next(home, members(List.of(A, B, C)), NONE)).contains(step(List.of(A, B)));
    assertThat(ShardStep.next(home, members(List.of(A, B), C), NONE)).contains(step(List.of(A, B)));
    assertThat(ShardStep.isSame(home, home)).isTrue();
  }

  /** From any members to any others, there is an end, and it is right. */
  @Test
  void stepsEndAtTheMembersOfTheFirstShard() {
    Random random = new Random(1);
    for (int i = 0; i < 2000; i++) {
      Membership home = random(random);
      Membership now = random(random);
      int steps = 0;
      Optional<ShardStep> next = ShardStep.next(home, now, ALL);
      while (next.isPresent()) {
        now = members(next.get().voters(), next.get().listeners().toArray(Member[]::new));
        steps++;
        assertThat(steps).isLessThan(4);
        next = ShardStep.next(home, now, ALL);
      }
      assertThat(ShardStep.isSame(home, now)).isTrue();
    }
  }

  private static Membership random(Random random) {
    List<Member> voters = new ArrayList<>(List.of(A));
    List<Member> listeners = new ArrayList<>();
    for (Member member : List.of(B, random.nextBoolean() ? C : C_ANEW, D)) {
      switch (random.nextInt(3)) {
        case 0 -> voters.add(member);
        case 1 -> listeners.add(member);
        default -> {}
      }
    }
    return members(voters, listeners.toArray(Member[]::new));
  }

  private static List<Move> moves(List<String> leaders, String self, String... fit) {
    Map<String, Integer> equals = new TreeMap<>();
    for (String name : fit) {
      equals.put(name, 1);
    }
    return LeaderSpread.of(leaders, self, 1, equals);
  }

  @Test
  void whoLeadsTwoMoreThanAnotherHandsOver() {
    assertThat(moves(List.of("a", "a", "a", "a"), "a", "b", "c"))
        .containsExactly(new Move(3, "b"), new Move(2, "c"));
    assertThat(moves(List.of("a", "a", "b"), "a", "b", "c")).containsExactly(new Move(1, "c"));
    assertThat(moves(List.of("a", "a", "b"), "a", "b")).isEmpty();
    assertThat(moves(List.of("a", "a", "b"), "b", "a", "c")).isEmpty();
    assertThat(moves(List.of("a", "", "a"), "a", "b")).isEmpty();
    assertThat(moves(List.of("a", "a", "a"), "a")).isEmpty();
    assertThat(moves(List.of("a"), "a", "b", "c")).isEmpty(); // of one shard nothing moves
  }

  @Test
  void onlyThoseOfTheHighestPriorityLead() {
    Map<String, Integer> others = Map.of("b", 2, "c", 1);
    assertThat(LeaderSpread.of(List.of("a"), "a", 1, others)).containsExactly(new Move(0, "b"));
    assertThat(LeaderSpread.of(List.of("a"), "a", 2, others)).isEmpty();
    assertThat(LeaderSpread.of(List.of("a"), "a", 3, others)).isEmpty();
    assertThat(LeaderSpread.of(List.of("a", "b", "a"), "a", 0, Map.of("b", 2, "c", 2)))
        .containsExactly(new Move(2, "c"), new Move(0, "b"));
  }

  @Test
  void itComesToAnEndWhereverItBegins() {
    Random random = new Random(1);
    List<String> nodes = List.of("a", "b", "c", "d", "e");
    for (int i = 0; i < 500; i++) {
      Map<String, Integer> priorities = new TreeMap<>();
      nodes.forEach(node -> priorities.put(node, random.nextInt(2)));
      List<String> leaders = new ArrayList<>();
      for (int shard = 0; shard < 16; shard++) {
        leaders.add(nodes.get(random.nextInt(nodes.size())));
      }
      int rounds = 0;
      boolean isMoving = true;
      while (isMoving) {
        isMoving = false;
        List<String> seen = List.copyOf(leaders); // by all nodes at the same time
        for (String node : nodes) {
          Map<String, Integer> fit = new TreeMap<>(priorities);
          fit.remove(node);
          int own = priorities.getOrDefault(node, 0);
          for (Move move : LeaderSpread.of(seen, node, own, fit)) {
            leaders.set(move.shard(), move.to());
            isMoving = true;
          }
        }
        rounds++;
        assertThat(rounds).isLessThan(30);
      }
      int highest = Collections.max(priorities.values());
      assertThat(leaders).allSatisfy(each -> assertThat(priorities).containsEntry(each, highest));
    }
  }
}
