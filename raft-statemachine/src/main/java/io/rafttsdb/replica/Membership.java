package io.rafttsdb.replica;

import java.util.ArrayList;
import java.util.List;

/**
 * Who belongs to the group, as one entry of the log says it. The same name may be there twice while
 * a member that lost its disk is being replaced: with two incarnations.
 *
 * @param index of the entry; -1: what the group was started with, on this node's word alone
 * @param settled whether that is all; while a change is under way there are two lists at a time,
 *     and these are the members of either
 * @param voters who elect and make a majority
 * @param listeners who receive the log and do neither
 */
public record Membership(long index, boolean settled, List<Member> voters, List<Member> listeners) {

  /** Index of a membership that no entry says. */
  public static final long NO_ENTRY = -1;

  public Membership {
    voters = List.copyOf(voters);
    listeners = List.copyOf(listeners);
  }

  /** Voters first. */
  public List<Member> all() {
    List<Member> all = new ArrayList<>(voters);
    all.addAll(listeners);
    return all;
  }

  /** The incarnations of a name, voters first; empty where nobody is called so. */
  public List<Member> named(String name) {
    return all().stream().filter(member -> member.name().equals(name)).toList();
  }

  public boolean isVoter(Member member) {
    return has(voters, member.id());
  }

  public boolean contains(String memberId) {
    return has(voters, memberId) || has(listeners, memberId);
  }

  private static boolean has(List<Member> members, String id) {
    return members.stream().anyMatch(member -> member.id().equals(id));
  }
}
