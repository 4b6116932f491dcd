package io.rafttsdb.node.members;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.node.config.Address;
import io.rafttsdb.node.config.MemberAddress;
import io.rafttsdb.replica.Member;
import io.rafttsdb.replica.Membership;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who may come and who may go. */
final class RulesTest {

  private static Member member(int number, String host) {
    return new Member("node" + number, "a" + number, host + ":10090", host + ":9090");
  }

  private static Membership voters(int count) {
    List<Member> voters = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      voters.add(member(i, "h" + i));
    }
    return new Membership(7, true, voters, List.of());
  }

  private static MemberAddress node(String name, String http, String raft) {
    return new MemberAddress(name, Address.parse(http), Address.parse(raft));
  }

  @ParameterizedTest
  @CsvSource({
    "node4, h4:9090, h4:10090, ''",
    "node4, h2:9090, h4:10090, node2 has one of the addresses",
    "node4, h4:9090, h2:9090,  node2 has one of the addresses",
    "node4, h4:9090, 127.0.0.1:10090, is on loopback",
    "node4, h4:9090, localhost:10090, is on loopback",
    "node4, 0.0.0.0:9090, h4:10090, no other node can reach",
    "node2, h4:9090, h4:10090, the cluster has a member node2"
  })
  void whoMayComeToThree(String name, String http, String raft, String refusal) {
    String found = JoinRules.addRefusal(voters(3), node(name, http, raft), "b4");
    if (refusal.isEmpty()) {
      assertThat(found).isEmpty();
    } else {
      assertThat(found).contains(refusal);
    }
  }

  @Test
  void aMemberThatIsToldAgainIsRefusedNothing() {
    assertThat(JoinRules.addRefusal(voters(3), node("node2", "h2:9090", "h2:10090"), "a2"))
        .isEmpty();
  }

  @Test
  void thereAreNoMoreThanNine() {
    MemberAddress node = node("node10", "h10:9090", "h10:10090");
    assertThat(JoinRules.addRefusal(voters(8), node, "b")).isEmpty();
    assertThat(JoinRules.addRefusal(voters(9), node, "b")).contains("9 members, at most 9");
  }

  @Test
  void theReplacedMayKeepItsAddresses() {
    MemberAddress same = node("node2", "h2:9090", "h2:10090");
    assertThat(JoinRules.addressRefusal(voters(3), same)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, a1,        false, is the last voter",
    "1, 1, a1,        true,  is the last voter",
    "2, 2, a1 a2,     false, ''",
    "2, 2, a1,        false, ''",
    "2, 1, a1,        false, '1 voters, of which 0 answer'",
    "3, 3, a1 a2 a3,  false, ''",
    "3, 3, a1 a3,     false, '2 voters, of which 1 answers'",
    "3, 3, a1 a2,     false, ''",
    "3, 3, a1 a3,     true,  ''",
    "4, 4, a1 a2 a4,  false, ''",
    "4, 4, a1 a4,     false, '3 voters, of which 1 answers'",
    "5, 5, a1 a2 a3,  false, ''",
    "5, 3, a1 a2 a3,  false, '4 voters, of which 2 answer: no majority'"
  })
  void whoMayGo(int count, int leaving, String alive, boolean forced, String refusal) {
    Set<String> answering = new HashSet<>();
    for (String incarnation : alive.split(" ", -1)) {
      answering.add("node" + incarnation.substring(1) + "-" + incarnation);
    }
    String found =
        RemovalRules.refusal(voters(count), member(leaving, "h" + leaving), answering, forced);
    if (refusal.isEmpty()) {
      assertThat(found).isEmpty();
    } else {
      assertThat(found).contains(refusal);
    }
  }
}
