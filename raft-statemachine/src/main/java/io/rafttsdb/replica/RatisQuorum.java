package io.rafttsdb.replica;

import io.rafttsdb.command.LogCommand;
import io.rafttsdb.replica.ReplicaFailure.Outcome;
import io.rafttsdb.replica.ReplicaFailure.Unavailable;
import io.rafttsdb.replica.duty.Quorum;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.model.Ulid;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
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
    List<Callable<Map<Ulid, BlockFacts>>> calls = new ArrayList<>();
    for (Member other : gate.otherMembers(self)) {
      calls.add(() -> peers.builtBlocks(other));
    }
    List<Map<Ulid, BlockFacts>> reports = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Map<Ulid, BlockFacts>> answer :
          threads.invokeAll(calls, REPORT_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        try {
          reports.add(answer.get());
        } catch (ExecutionException | CancellationException e) {
          LOG.debug("a member does not say what it has built", e);
        }
      }
    }
    return reports;
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
