package io.rafttsdb.node.members;

import io.rafttsdb.node.cluster.Identity;
import io.rafttsdb.node.cluster.Inviter;
import io.rafttsdb.replica.Member;
import io.rafttsdb.replica.MemberContact;
import io.rafttsdb.replica.Membership;
import io.rafttsdb.replica.MembershipGate;
import io.rafttsdb.replica.ReplicaFailure.NotLeader;
import io.rafttsdb.replica.ReplicaFailure.Unavailable;
import io.rafttsdb.replica.ShardReplica;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The changes that this node makes while it leads, one at a time. For any thread; a job that takes
 * long has one of its own.
 */
final class MembershipChanges implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(MembershipChanges.class);

  /** A voter that has not answered for so long does not count as alive. */
  private static final Duration SILENCE_MAX = Duration.ofSeconds(3);

  private static final Duration CHANGE_LIMIT = Duration.ofSeconds(20);
  private static final Duration FOLLOW_PAUSE = Duration.ofMillis(100);

  private final Inviter inviter;
  private final NodeProbe probe;
  private @Nullable Running running;

  private record Running(JoinJob job, Thread thread, CompletableFuture<ChangeResult> result) {}

  MembershipChanges(HttpClient client) {
    this.inviter = new Inviter(client);
    this.probe = new NodeProbe(client);
  }

  /** What is under way; empty where nothing is. */
  synchronized String text() {
    Running now = running;
    return now == null || now.result.isDone() ? "" : now.job.text();
  }

  /** Begins to make a node a voter, or looks at how the same is going. */
  ChangeResult join(
      JoinGoal goal, Identity.Joined cluster, List<ShardReplica> shards, Duration wait)
      throws InterruptedException {
    Running mine;
    synchronized (this) {
      Running present = running;
      if (present == null || present.result.isDone()) {
        present = start(new JoinJob(goal, cluster, shards, inviter, probe));
        running = present;
      } else if (!present.job.goal().equals(goal)) {
        return new ChangeResult.Refused("one change at a time: " + present.job.text());
      }
      mine = present;
    }
    try {
      return mine.result.get(wait.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return new ChangeResult.Underway(mine.job.text());
    } catch (ExecutionException e) {
      throw new IllegalStateException(mine.job.text(), e.getCause());
    }
  }

  private static Running start(JoinJob job) {
    CompletableFuture<ChangeResult> result = new CompletableFuture<>();
    Thread thread =
        Thread.ofVirtual()
            .name("join-job")
            .start(() -> {
              try {
                ChangeResult end = job.run();
                log.info("{}: {}", job.goal().text(), end);
                result.complete(end);
              } catch (InterruptedException e) {
                result.complete(new ChangeResult.NotNow(job.goal().text() + " was broken off"));
              } catch (RuntimeException | Error e) {
                log.error("{} failed", job.text(), e);
                result.completeExceptionally(e);
              }
            });
    return new Running(job, thread, result);
  }

  /**
   * Removes a member. One that is being added or replaced is that no more.
   *
   * @param forced whether it may go although those who are left would be no majority
   */
  ChangeResult remove(String name, boolean forced, Member self, List<ShardReplica> shards)
      throws InterruptedException {
    Optional<ChangeResult> busy = breakOff(name);
    if (busy.isPresent()) {
      return busy.get();
    }
    ShardReplica replica = shards.getFirst();
    MembershipGate gate = replica.membership();
    Membership now = gate.present();
    List<Member> named = now.named(name);
    if (named.isEmpty() && !ShardMembers.areSettled(shards)) { // asked again
      return followed(shards, deadline(), name + " is no member any more");
    }
    if (named.isEmpty()) {
      return new ChangeResult.NoMember("the cluster has no member " + name);
    }
    long deadline = deadline();
    Member leaving = named.getLast(); // a listener before the voter that it was to replace
    try {
      if (now.isVoter(leaving)) {
        String refusal = RemovalRules.refusal(now, leaving, answering(self, gate), forced);
        if (!refusal.isEmpty()) {
          return new ChangeResult.Refused(refusal);
        }
        if (leaving.id().equals(self.id())) {
          LeaderChoice choice = new LeaderChoice(replica, self, probe);
          return choice.handOver(choice.others(), CHANGE_LIMIT).isPresent()
              ? new ChangeResult.LeaderElsewhere()
              : new ChangeResult.NotNow(name + " leads, and no other voter is ready to");
        }
      }
      new RepeatedChange(replica).make(new Absence(leaving, deadline));
      log.info("removed {}", leaving);
      return followed(
          shards,
          deadline,
          named.size() == 1
              ? name + " is no member any more"
              : name + " is being replaced no more; the lost voter is still a member");
    } catch (NotLeader e) {
      return new ChangeResult.LeaderElsewhere();
    } catch (Unavailable e) {
      return new ChangeResult.NotNow("removing " + name + ": " + e.getMessage());
    }
  }

  private static long deadline() {
    return System.nanoTime() + CHANGE_LIMIT.toNanos();
  }

  /** Done, once the other shards have made their members the same. */
  private static ChangeResult followed(List<ShardReplica> shards, long deadline, String done)
      throws InterruptedException {
    while (true) {
      Optional<ShardReplica> lagging = ShardMembers.lagging(shards);
      if (lagging.isEmpty()) {
        return new ChangeResult.Done(done);
      }
      if (System.nanoTime() > deadline) {
        return new ChangeResult.Underway(done + "; shard " + lagging.get().shard() + " follows");
      }
      Pause.of(FOLLOW_PAUSE);
    }
  }

  /** That a member is none. */
  private record Absence(Member leaving, long deadlineNanos) implements RepeatedChange.Target {

    @Override
    public boolean isReached(Membership now) {
      return !now.contains(leaving.id());
    }

    @Override
    public List<Member> voters(Membership now) {
      return without(now.voters());
    }

    @Override
    public List<Member> listeners(Membership now) {
      return without(now.listeners());
    }

    private List<Member> without(List<Member> members) {
      List<Member> left = new ArrayList<>(members);
      left.removeIf(member -> member.id().equals(leaving.id()));
      return left;
    }

    @Override
    public boolean goesOn() {
      return System.nanoTime() < deadlineNanos;
    }
  }

  private static Set<String> answering(Member self, MembershipGate gate) {
    Set<String> answering = new HashSet<>(Set.of(self.id()));
    for (Map.Entry<String, MemberContact> contact : gate.contacts().entrySet()) {
      if (contact.getValue().silentMs() < SILENCE_MAX.toMillis()) {
        answering.add(contact.getKey());
      }
    }
    return answering;
  }

  /** Ends the job for a name; a refusal where there is one for another. */
  private synchronized Optional<ChangeResult> breakOff(String name) {
    Running present = running;
    if (present == null || present.result.isDone()) {
      return Optional.empty();
    }
    if (!present.job.goal().node().name().equals(name)) {
      return Optional.of(new ChangeResult.Refused("one change at a time: " + present.job.text()));
    }
    present.thread.interrupt();
    return Optional.empty();
  }

  /**
   * Hands leadership over.
   *
   * @param name of the voter that shall lead; null: whichever is the best
   */
  ChangeResult moveLeader(@Nullable String name, Member self, ShardReplica replica, Duration limit)
      throws InterruptedException {
    LeaderChoice choice = new LeaderChoice(replica, self, probe);
    if (self.name().equals(name)) {
      return new ChangeResult.Done(name + " leads");
    }
    List<Member> candidates =
        choice.others().stream().filter(v -> name == null || v.name().equals(name)).toList();
    if (candidates.isEmpty()) {
      return name == null
          ? new ChangeResult.Refused(self.name() + " leads, and there is no other voter")
          : new ChangeResult.NoMember("the cluster has no voter " + name);
    }
    try {
      return choice
          .handOver(candidates, limit)
          .<ChangeResult>map(leader -> new ChangeResult.Done(leader.name() + " leads now"))
          .orElseGet(
              () -> new ChangeResult.NotNow(self.name() + " leads still: " + notReady(candidates)));
    } catch (NotLeader e) {
      return new ChangeResult.LeaderElsewhere();
    } catch (Unavailable e) {
      return new ChangeResult.NotNow(String.valueOf(e.getMessage()));
    }
  }

  private static String notReady(List<Member> candidates) {
    return candidates.stream().map(Member::name).toList()
        + " has not applied what is committed, or does not answer";
  }

  /** Breaks off what is under way. */
  @Override
  public synchronized void close() {
    Running present = running;
    if (present != null) {
      present.thread.interrupt();
    }
  }
}
