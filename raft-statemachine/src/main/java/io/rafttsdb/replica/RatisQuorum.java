package io.rafttsdb.replica;

import io.rafttsdb.command.CommandResult;
import io.rafttsdb.command.LogCommand;
import io.rafttsdb.replica.ReplicaFailure.Outcome;
import io.rafttsdb.replica.ReplicaFailure.Unavailable;
import io.rafttsdb.replica.check.CheckReport;
import io.rafttsdb.replica.duty.Quorum;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.model.ClusterVersions;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.ratis.server.RaftConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The group of a Ratis division. For any thread. */
final class RatisQuorum implements Quorum {
  private static final Logger LOG = LoggerFactory.getLogger(RatisQuorum.class);

  /** Who has not answered by then counts as silent. */
  private static final Duration REPORT_LIMIT = Duration.ofSeconds(3);

  private final RaftGate gate;
  private final Member self;
  private final PeerReports peers;
  private final StateTrust trust;

  RatisQuorum(RaftGate gate, Member self, PeerReports peers, StateTrust trust) {
    this.gate = gate;
    this.self = self;
    this.peers = peers;
    this.trust = trust;
  }

  /**
   * While the group changes its voters nothing is decided by counting them, and nothing by a node
   * whose state is in doubt.
   */
  @Override
  public boolean leads() {
    return gate.division().getInfo().isLeaderReady()
        && gate.division().getRaftConf().getPreviousPeers().isEmpty()
        && trust.mayDecide();
  }

  @Override
  public int voters() {
    RaftConfiguration present = gate.division().getRaftConf();
    return present.getCurrentPeers().size();
  }

  @Override
  public List<Map<Ulid, BlockFacts>> reports() throws InterruptedException {
    return List.copyOf(ask(gate.otherMembers(self), peers::builtBlocks).values());
  }

  /** What each of the other voters that answers says of its state. */
  Map<Member, CheckReport> checkReports() throws InterruptedException {
    return ask(gate.otherMembers(self), peers::checkReport);
  }

  /** A listener counts too: it reads the same entries. */
  @Override
  public OptionalInt knownVersion() throws InterruptedException {
    List<Member> others = gate.otherMembersAndListeners(self);
    Map<Member, Integer> known = ask(others, peers::knownVersion);
    return known.size() < others.size()
        ? OptionalInt.empty()
        : OptionalInt.of(known.values().stream().reduce(ClusterVersions.KNOWN, Math::min));
  }

  /** What is asked of a member. */
  @FunctionalInterface
  private interface Question<T> {
    T answer(Member other) throws IOException, InterruptedException;
  }

  /** Asks members at the same time; who does not answer in time is left out. */
  private <T> Map<Member, T> ask(List<Member> members, Question<T> question)
      throws InterruptedException {
    Map<Member, FutureTask<T>> asked = new LinkedHashMap<>();
    for (Member other : members) {
      FutureTask<T> each = new FutureTask<>(() -> question.answer(other));
      Thread.ofVirtual().name(self.name() + "-report").start(each);
      asked.put(other, each);
    }
    long endNanos = System.nanoTime() + REPORT_LIMIT.toNanos();
    Map<Member, T> answers = new HashMap<>();
    for (Map.Entry<Member, FutureTask<T>> each : asked.entrySet()) {
      try {
        answers.put(
            each.getKey(), each.getValue().get(endNanos - System.nanoTime(), TimeUnit.NANOSECONDS));
      } catch (ExecutionException | TimeoutException e) {
        LOG.debug("{} does not report", each.getKey().name(), e);
        each.getValue().cancel(true);
      }
    }
    return answers;
  }

  @Override
  public CompletableFuture<CommandResult> propose(LogCommand command) {
    CompletableFuture<CommandResult> result = new CompletableFuture<>();
    RaftEntry entry = RaftEntry.of(command);
    gate.submit(
        entry,
        failure -> {
          AppliedEntry applied = entry.applied();
          if (failure != null) {
            result.completeExceptionally(failure);
          } else if (applied == null) {
            result.completeExceptionally(
                new Unavailable("the answer was lost with the leadership", Outcome.UNKNOWN));
          } else {
            result.complete(applied.command());
          }
        });
    return result;
  }
}
