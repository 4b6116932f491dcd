package io.rafttsdb.replica;

import io.rafttsdb.command.LogCommand;
import io.rafttsdb.replica.ReplicaFailure.NotLeader;
import io.rafttsdb.replica.ReplicaFailure.Unavailable;
import io.rafttsdb.replica.StateTrust.Level;
import io.rafttsdb.replica.check.CheckReport;
import io.rafttsdb.replica.check.CheckVerdict;
import io.rafttsdb.replica.check.StateHash;
import io.rafttsdb.replica.duty.UlidSource;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.manifest.Digest;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares this node's state with that of the others, after the same entry. The leader only says
 * when, by a Freeze entry; every node asks the voters for what they found and counts by itself. One
 * that a majority differs from answers no more and gets the majority's state; where it leads, it
 * hands over before.
 *
 * <p>For one thread, but where it is said.
 */
final class ReplicaCheck {
  private static final Logger LOG = LoggerFactory.getLogger(ReplicaCheck.class);

  /** Of the time between two checks: after so much a new leader begins. */
  static final int FIRST_PART = 60;

  /** Of that time: after so much the next check follows one that did not end well. */
  private static final int AGAIN_PART = 10;

  /** Of that time: as often the voters are asked that have said nothing yet. */
  private static final int ASK_PART = 300;

  /** Of that time: who has said nothing by then is left out. */
  private static final int SILENT_PART = 2;

  private static final Duration TRANSFER_LIMIT = Duration.ofSeconds(3);

  private final Member self;
  private final StateHashes hashes;
  private final StateTrust trust;
  private final RatisQuorum quorum;
  private final MembershipGate membership;
  private final Supplier<Tsdb> engine;
  private final UlidSource names;
  private final Reinstall reinstall;
  private final Runnable distrusted;
  private final long intervalNanos;

  /** What is being compared, since when, and when the others are asked next. */
  private @Nullable StateHash open;

  private long openedNanos;
  private long askNanos;

  private boolean led;
  private long proposeNanos;
  private List<Member> majority = List.of();

  private volatile long agreedIndex = -1;
  private final LongAdder agreed = new LongAdder();
  private final LongAdder diverged = new LongAdder();
  private final LongAdder undecided = new LongAdder();

  /**
   * A check.
   *
   * @param distrusted called once when this node's state turns out to differ from a majority's,
   *     before it is replaced: nothing may be made of it any more
   */
  ReplicaCheck(
      ReplicaConfig config,
      StateHashes hashes,
      StateTrust trust,
      RatisQuorum quorum,
      MembershipGate membership,
      Supplier<Tsdb> engine,
      UlidSource names,
      Reinstall reinstall,
      Runnable distrusted) {
    this.self = config.self();
    this.hashes = hashes;
    this.trust = trust;
    this.quorum = quorum;
    this.membership = membership;
    this.engine = engine;
    this.names = names;
    this.reinstall = reinstall;
    this.distrusted = distrusted;
    this.intervalNanos = config.limits().checkInterval().toNanos();
  }

  /** What this node found, for the others. On any thread. */
  CheckReport report() {
    long applied = engine.get().publishedIndex(); // first: what it holds was offered before
    long settled = hashes.isIdle() ? applied : -1;
    return new CheckReport(applied, settled, hashes.known());
  }

  /** One round; false, so that the thread pauses after each. */
  boolean round() throws InterruptedException {
    Optional<StateHash> hashed = hashes.hashNext();
    if (hashed.isPresent()) {
      open = hashed.get();
      openedNanos = System.nanoTime();
      askNanos = openedNanos;
    }
    switch (trust.level()) {
      case SOUND, SPLIT -> {
        propose();
        compare();
      }
      case DIVERGED -> replace();
      case REPLACED -> {}
    }
    return false;
  }

  private void propose() {
    boolean leads = membership.leads();
    long now = System.nanoTime();
    if (leads && !led) {
      proposeNanos = now + intervalNanos / FIRST_PART;
    }
    led = leads;
    if (!leads || now - proposeNanos < 0 || open != null) {
      return;
    }
    proposeNanos = now + intervalNanos;
    List<StateHash> known = hashes.known();
    if (!known.isEmpty() && known.getLast().index() == engine.get().publishedIndex()) {
      return; // nothing was applied since
    }
    var _ =
        quorum
            .propose(new LogCommand.Freeze(names.next()))
            .whenComplete((result, failure) -> {
              if (failure != null) {
                LOG.warn("the replicas are not compared now: {}", failure.getMessage());
              }
            });
  }

  private void compare() throws InterruptedException {
    StateHash own = open;
    long now = System.nanoTime();
    if (own == null || now - askNanos < 0) {
      return;
    }
    askNanos = now + intervalNanos / ASK_PART;
    Map<Member, CheckReport> reports = quorum.checkReports();
    Map<String, Digest> found = new HashMap<>();
    found.put(self.id(), own.hash());
    reports.forEach(
        (member, report) -> report.hashAt(own).ifPresent(hash -> found.put(member.id(), hash)));
    Set<String> voters = new HashSet<>();
    membership.present().voters().forEach(voter -> voters.add(voter.id()));
    Set<String> silent = new HashSet<>(voters);
    silent.removeAll(found.keySet());
    Set<String> passed = new HashSet<>();
    reports.forEach((member, report) -> {
      if (report.hasPassed(own) && silent.remove(member.id())) {
        passed.add(member.id());
      }
    });
    if (silent.isEmpty() || now - openedNanos > intervalNanos / SILENT_PART) {
      open = null;
      conclude(own, CheckVerdict.of(voters, found), reports);
      if (!passed.isEmpty()) {
        again(); // a node that began anew: it is compared with the others soon
      }
    }
  }

  private void conclude(StateHash own, CheckVerdict verdict, Map<Member, CheckReport> reports) {
    switch (verdict) {
      case CheckVerdict.Agreed sound -> {
        agreed.increment();
        agreedIndex = own.index();
        trust.set(Level.SOUND);
      }
      case CheckVerdict.Undecided few -> {
        undecided.increment();
        again();
      }
      case CheckVerdict.NoMajority split -> {
        diverged.increment();
        trust.set(Level.SPLIT);
        again();
        LOG.error(
            "after entry {} the replicas have different states, and no majority has the same: no"
                + " block is entered or dropped until they agree",
            own.index());
      }
      case CheckVerdict.Diverged(Digest _, List<String> right, List<String> wrong) -> {
        diverged.increment();
        again();
        LOG.error("after entry {} {} have another state than {}", own.index(), wrong, right);
        if (wrong.contains(self.id())) {
          majority = byApplied(reports, right);
          trust.set(Level.DIVERGED);
          distrusted.run();
        } else {
          agreedIndex = own.index();
          trust.set(Level.SOUND);
        }
      }
    }
  }

  private void again() {
    proposeNanos = System.nanoTime() + intervalNanos / AGAIN_PART;
  }

  /** The one that has applied the most first. */
  private static List<Member> byApplied(Map<Member, CheckReport> reports, List<String> ids) {
    return reports.entrySet().stream()
        .filter(each -> ids.contains(each.getKey().id()))
        .sorted(
            Comparator.comparingLong(
                    (Map.Entry<Member, CheckReport> each) -> each.getValue().appliedIndex())
                .reversed())
        .map(Map.Entry::getKey)
        .toList();
  }

  private void replace() throws InterruptedException {
    if (membership.isLeader()) {
      handOver();
    } else if (reinstall.step(majority)) {
      trust.set(Level.REPLACED);
      LOG.warn("a snapshot of the majority's state is here: the replica has to be started anew");
    }
  }

  /** To a node of the majority that has applied what it found; tried again at the next round. */
  private void handOver() throws InterruptedException {
    Map<Member, CheckReport> reports = quorum.checkReports();
    List<Member> present = byApplied(reports, majority.stream().map(Member::id).toList());
    if (present.isEmpty()) {
      return;
    }
    try {
      membership.transfer(present.getFirst(), TRANSFER_LIMIT);
      LOG.warn("{} leads now, since the state of this node is wrong", present.getFirst().name());
    } catch (NotLeader e) {
      LOG.info("this node leads no more, and its state is wrong");
    } catch (Unavailable e) {
      LOG.warn("leadership is not handed over yet: {}", e.getMessage());
    }
  }

  /** Entry up to which a majority is known to have this node's state; -1 before. */
  long agreedIndex() {
    return agreedIndex;
  }

  long agreed() {
    return agreed.sum();
  }

  long diverged() {
    return diverged.sum();
  }

  long undecided() {
    return undecided.sum();
  }
}
