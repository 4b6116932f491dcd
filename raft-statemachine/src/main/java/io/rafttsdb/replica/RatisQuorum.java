package io.rafttsdb.replica;

import io.rafttsdb.command.CommandResult;
import io.rafttsdb.command.LogCommand;
import io.rafttsdb.replica.ReplicaFailure.Outcome;
import io.rafttsdb.replica.ReplicaFailure.Unavailable;
import io.rafttsdb.replica.duty.Quorum;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.model.ClusterVersions;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
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

  RatisQuorum(RaftGate gate, Member self, PeerReports peers) {
    this.gate = gate;
    this.self = self;
    this.peers = peers;
  }

  /** While the group changes its voters nothing is decided by counting them. */
  @Override
  public boolean leads() {
    return gate.division().getInfo().isLeaderReady()
        && gate.division().getRaftConf().getPreviousPeers().isEmpty();
  }

  @Override
  public int voters() {
    RaftConfiguration present = gate.division().getRaftConf();
    return present.getCurrentPeers().size();
  }

  @Override
  public List<Map<Ulid, BlockFacts>> reports() throws InterruptedException {
    return ask(gate.otherMembers(self), peers::builtBlocks);
  }

  /** What is asked of a member. */
  @FunctionalInterface
  private interface Question<T> {
    T of(Member member) throws IOException, InterruptedException;
  }

  /** The answers of those who give one in time. */
  private <T> List<T> ask(List<Member> members, Question<T> asking) throws InterruptedException {
    List<FutureTask<T>> asked = new ArrayList<>();
    for (Member other : members) {
      FutureTask<T> question = new FutureTask<>(() -> asking.of(other));
      Thread.ofVirtual().name(self.name() + "-report").start(question);
      asked.add(question);
    }
    long endNanos = System.nanoTime() + REPORT_LIMIT.toNanos();
    List<T> answers = new ArrayList<>();
    for (FutureTask<T> question : asked) {
      try {
        answers.add(question.get(endNanos - System.nanoTime(), TimeUnit.NANOSECONDS));
      } catch (ExecutionException | TimeoutException e) {
        LOG.debug("a member does not answer", e);
        question.cancel(true);
      }
    }
    return answers;
  }

  /** A listener counts too: it reads the same entries. */
  @Override
  public OptionalInt knownVersion() throws InterruptedException {
    List<Member> others = gate.otherMembersAndListeners(self);
    List<Integer> known = ask(others, peers::knownVersion);
    return known.size() < others.size()
        ? OptionalInt.empty()
        : OptionalInt.of(
            known.stream().mapToInt(Integer::intValue).reduce(ClusterVersions.KNOWN, Math::min));
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
