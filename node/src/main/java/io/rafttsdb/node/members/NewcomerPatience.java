package io.rafttsdb.node.members;

import io.rafttsdb.replica.Member;
import io.rafttsdb.replica.Membership;
import io.rafttsdb.replica.MembershipGate;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * How long a shard waits for new listeners to receive what there is: while all of them answer now
 * and then, and the first shard has them. Giving up costs the shard its leader, so there is no
 * limit to the whole. For one thread.
 */
final class NewcomerPatience implements MembershipGate.Patience {

  static final Duration SILENCE_LIMIT = Duration.ofSeconds(30);

  private final List<Member> newcomers;
  private final Supplier<Membership> home;
  private final Predicate<Member> answers;
  private final LongSupplier nanoTime;
  private final Map<String, Long> seenNanos = new HashMap<>();

  /**
   * Patience that begins now.
   *
   * @param home members of the first shard, as this node knows them
   * @param answers asks a node
   */
  NewcomerPatience(
      List<Member> newcomers,
      Supplier<Membership> home,
      Predicate<Member> answers,
      LongSupplier nanoTime) {
    this.newcomers = List.copyOf(newcomers);
    this.home = home;
    this.answers = answers;
    this.nanoTime = nanoTime;
    newcomers.forEach(each -> seenNanos.put(each.id(), nanoTime.getAsLong()));
  }

  @Override
  public boolean lasts() {
    Membership wanted = home.get();
    for (Member each : newcomers) {
      if (!wanted.contains(each.id())) {
        return false;
      }
      if (answers.test(each)) {
        seenNanos.put(each.id(), nanoTime.getAsLong());
      }
    }
    long now = nanoTime.getAsLong();
    return seenNanos.values().stream().allMatch(seen -> now - seen < SILENCE_LIMIT.toNanos());
  }
}
