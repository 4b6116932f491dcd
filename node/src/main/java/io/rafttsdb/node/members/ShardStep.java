package io.rafttsdb.node.members;

import io.rafttsdb.replica.Member;
import io.rafttsdb.replica.Membership;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The next change of another shard's members on its way to those of the first shard:
 *
 * <ol>
 *   <li>a listener that has caught up becomes a voter, where it is one in the first shard,
 *   <li>who is no member there goes, in the same step in which the last new voter comes, so that
 *       there is never a voter less than there will be,
 *   <li>whoever is new and answers becomes a listener, in a step of its own: it receives what there
 *       is before the step ends, and nobody else should wait for that.
 * </ol>
 *
 * <p>Decides; does nothing.
 *
 * @param voters who votes after the step
 * @param listeners who listens after it
 */
record ShardStep(List<Member> voters, List<Member> listeners) {

  ShardStep {
    voters = List.copyOf(voters);
    listeners = List.copyOf(listeners);
  }

  /**
   * The step; empty where there is nothing to do, or nobody to wait for has caught up or answers.
   *
   * @param home members of the first shard, settled and committed
   * @param now members of the other shard, settled
   * @param answers whether a node that is no member of the other shard yet answers
   * @param caughtUp whether a listener of the other shard has applied what is committed there
   */
  static Optional<ShardStep> next(
      Membership home, Membership now, Predicate<Member> answers, Predicate<Member> caughtUp) {
    ShardStep among = among(home, now, caughtUp);
    return among.isReached(now) ? among.joinedBy(home, now, answers) : Optional.of(among);
  }

  /** What those become who are members already. */
  private static ShardStep among(Membership home, Membership now, Predicate<Member> caughtUp) {
    List<Member> voters = new ArrayList<>();
    List<Member> pending = new ArrayList<>();
    for (Member wanted : home.voters()) {
      boolean votes = now.isVoter(wanted) || (now.contains(wanted.id()) && caughtUp.test(wanted));
      (votes ? voters : pending).add(wanted);
    }
    if (!pending.isEmpty()) {
      now.voters().stream().filter(voter -> !home.isVoter(voter)).forEach(voters::add);
    }
    List<Member> listeners = new ArrayList<>(pending);
    home.listeners().stream().filter(each -> !has(voters, each)).forEach(listeners::add);
    listeners.removeIf(each -> !now.contains(each.id()));
    return new ShardStep(voters, listeners);
  }

  /** The same with new listeners; empty where there are none. */
  private Optional<ShardStep> joinedBy(Membership home, Membership now, Predicate<Member> answers) {
    List<Member> joining =
        home.all().stream().filter(each -> !now.contains(each.id())).filter(answers).toList();
    if (joining.isEmpty()) {
      return Optional.empty();
    }
    List<Member> all = new ArrayList<>(listeners);
    all.addAll(joining);
    return Optional.of(new ShardStep(voters, all));
  }

  /** Who is a member after the step and was none before. */
  List<Member> newcomers(Membership now) {
    return listeners.stream().filter(each -> !now.contains(each.id())).toList();
  }

  /** Whether a membership is that of this step. */
  boolean isReached(Membership now) {
    return ids(voters).equals(ids(now.voters())) && ids(listeners).equals(ids(now.listeners()));
  }

  /** Whether a shard's members are those of the first shard. */
  static boolean isSame(Membership home, Membership shard) {
    return new ShardStep(home.voters(), home.listeners()).isReached(shard);
  }

  private static boolean has(List<Member> members, Member member) {
    return members.stream().anyMatch(each -> each.id().equals(member.id()));
  }

  private static Set<String> ids(List<Member> members) {
    return members.stream().map(Member::id).collect(Collectors.toCollection(HashSet::new));
  }
}
