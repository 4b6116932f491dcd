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
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.stream.Stream;
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
    assertThat(ShardStep.next(listening, before, ALL, ALL)).contains(step(List.of(A, B, C), D));
    assertThat(ShardStep.next(listening, listening, ALL, ALL)).isEmpty();
    assertThat(ShardStep.next(voting, before, ALL, ALL)).contains(step(List.of(A, B, C), D));
    assertThat(ShardStep.next(voting, listening, ALL, NONE)).isEmpty();
    assertThat(ShardStep.next(voting, listening, ALL, ALL)).contains(step(List.of(A, B, C, D)));
  }

  @Test
  void aLostVoterGoesInTheStepInWhichItsReplacementVotes() {
    Membership home = members(List.of(A, B, C_ANEW));
    Membership before = members(List.of(A, B, C));
    Membership listening = members(List.of(A, B, C), C_ANEW);
    assertThat(ShardStep.next(home, before, ALL, ALL)).contains(step(List.of(A, B, C), C_ANEW));
    assertThat(ShardStep.next(home, listening, ALL, NONE)).isEmpty();
    assertThat(ShardStep.next(home, listening, ALL, ALL)).contains(step(List.of(A, B, C_ANEW)));
  }

  /** Its shard would give up its leader each time that it has waited for it in vain. */
  @Test
  void aNewNodeThatDoesNotAnswerIsNotWaitedFor() {
    Membership before = members(List.of(A, B, C));
    assertThat(ShardStep.next(members(List.of(A, B, C), D), before, NONE, ALL)).isEmpty();
    assertThat(ShardStep.next(members(List.of(A, B, C_ANEW)), before, NONE, ALL)).isEmpty();
    assertThat(ShardStep.next(members(List.of(A, B, C_ANEW), D), before, Set.of(D)::contains, ALL))
        .contains(step(List.of(A, B, C), D));
  }

  @Test
  void nobodyElseWaitsForWhatANewNodeReceives() {
    Membership removed = members(List.of(A, B), D);
    assertThat(ShardStep.next(removed, members(List.of(A, B, C)), ALL, ALL))
        .contains(step(List.of(A, B)));
    assertThat(ShardStep.next(removed, members(List.of(A, B)), ALL, ALL))
        .contains(step(List.of(A, B), D));
    assertThat(ShardStep.next(members(List.of(A, B, C), D), members(List.of(A, B), C), ALL, ALL))
        .contains(step(List.of(A, B, C)));
  }

  @Test
  void whatANewNodeReceivesMayTakeLongWhileItAnswers() {
    long[] now = {0};
    AtomicBoolean answers = new AtomicBoolean(true);
    AtomicReference<Membership> home = new AtomicReference<>(members(List.of(A, B), C, D));
    NewcomerPatience patience =
        new NewcomerPatience(
            List.of(C, D), home::get, each -> each.equals(C) || answers.get(), () -> now[0]);
    for (int i = 0; i < 100; i++) {
      now[0] += NewcomerPatience.SILENCE_LIMIT.toNanos() - 1;
      assertThat(patience.lasts()).isTrue();
    }
    answers.set(false);
    now[0] += NewcomerPatience.SILENCE_LIMIT.toNanos() - 1;
    assertThat(patience.lasts()).isTrue();
    now[0] += 1;
    assertThat(patience.lasts()).isFalse();
    answers.set(true);
    assertThat(patience.lasts()).isTrue();
    home.set(members(List.of(A, B), C));
    assertThat(patience.lasts()).isFalse();
  }

  @Test
  void aListenerOfAShardIsNotAskedToLeadIt() {
    Membership now = members(List.of(B, C_ANEW), A);
    assertThat(LeaderChoice.electable(List.of(A, B, C, C_ANEW), now)).containsExactly(B, C_ANEW);
  }

  @Test
  void aNodeIsLeftOutByTheSameEntryOrALaterOne() {
    UUID cluster = UUID.fromString("00000000-0000-0000-0000-000000000001");
    MembersReport report = report(cluster, 7, A, B);
    assertThat(report.leavesOut(C.id(), cluster, 6)).isTrue();
    assertThat(report.leavesOut(C.id(), cluster, 7)).isTrue();
    assertThat(report.leavesOut(C.id(), cluster, Membership.NO_ENTRY)).isTrue();
    assertThat(report.leavesOut(C.id(), cluster, 8)).isFalse();
    assertThat(report.leavesOut(B.id(), cluster, 6)).isFalse();
    assertThat(report.leavesOut(C.id(), new UUID(0, 2), 6)).isFalse();
    assertThat(
            report(cluster, Membership.NO_ENTRY, A, B)
                .leavesOut(C.id(), cluster, Membership.NO_ENTRY))
        .isFalse();
  }

  private static MembersReport report(UUID cluster, long index, Member... members) {
    List<MembersReport.Line> lines =
        Stream.of(members)
            .map(each -> new MembersReport.Line(each, "voter", false, 1, 1, 0, 0))
            .toList();
    return new MembersReport(cluster.toString(), index, true, "", lines);
  }

  @Test
  void aRemovedMemberGoes() {
    Membership home = members(List.of(A, B));
    assertThat(ShardStep.next(home, members(List.of(A, B, C)), ALL, NONE))
        .contains(step(List.of(A, B)));
    assertThat(ShardStep.next(home, members(List.of(A, B), C), ALL, NONE))
        .contains(step(List.of(A, B)));
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
      Optional<ShardStep> next = ShardStep.next(home, now, ALL, ALL);
      while (next.isPresent()) {
        now = members(next.get().voters(), next.get().listeners().toArray(Member[]::new));
        steps++;
        assertThat(steps).isLessThan(5);
        next = ShardStep.next(home, now, ALL, ALL);
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
