package io.rafttsdb.replica;

import static io.rafttsdb.replica.TestCluster.PATIENCE;
import static io.rafttsdb.replica.TestCluster.batch;
import static io.rafttsdb.replica.TestCluster.samples;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.rafttsdb.replica.ReplicaFailure.Unavailable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Members come and go while a writer writes; what was acknowledged is on each of them. */
class MembershipTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @TempDir Path root;
  private TestCluster cluster;

  @AfterEach
  void close() throws Exception {
    cluster.close();
  }

  @BeforeEach
  void makeCluster() throws Exception {
    cluster = new TestCluster(root, 3);
  }

  /** Writes one sample after the other by the present leader, each until it is acknowledged. */
  private final class Writer implements AutoCloseable {
    private final AtomicInteger acknowledged = new AtomicInteger();
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private volatile boolean stopped;

    Writer() {
      Thread.ofVirtual()
          .start(() -> {
            try {
              while (!stopped) {
                cluster.write(batch("written", acknowledged.get(), acknowledged.get()));
                acknowledged.incrementAndGet();
              }
              done.complete(null);
            } catch (RuntimeException | Error e) {
              done.completeExceptionally(e);
            }
          });
    }

    void awaitMore(int count) {
      int before = acknowledged.get();
      await().atMost(PATIENCE).until(() -> done.isDone() || acknowledged.get() >= before + count);
      assertThat(done).isNotDone();
    }

    /** Stops, and compares what every member has with what was acknowledged. */
    void stopAndCheck() {
      close();
      cluster.assertEqualStates();
      assertThat(cluster.running())
          .allSatisfy(r -> assertThat(samples(r)).isEqualTo(acknowledged.get()));
      assertThat(cluster.failures).isEmpty();
    }

    @Override
    public void close() {
      stopped = true;
      done.join();
    }
  }

  private static ReplicaLimits quickElections(ReplicaLimits limits) {
    return limits.withElection(Duration.ofMillis(600), Duration.ofMillis(1200));
  }

  private void change(List<Member> voters, List<Member> listeners) throws Exception {
    MembershipGate gate = cluster.leader().membership();
    gate.change(gate.present(), voters, listeners, () -> true);
  }

  private List<Member> votersWith(int place) {
    List<Member> voters = new ArrayList<>(cluster.leader().membership().present().voters());
    voters.add(cluster.members.get(place));
    return voters;
  }

  private List<Member> votersWithout(int place) {
    List<Member> voters = new ArrayList<>(cluster.leader().membership().present().voters());
    voters.removeIf(voter -> voter.id().equals(cluster.members.get(place).id()));
    return voters;
  }

  private void makeListener(int place) throws Exception {
    change(cluster.leader().membership().present().voters(), List.of(cluster.members.get(place)));
    long commit = cluster.leader().status().commitIndex();
    await().atMost(PATIENCE).until(() -> cluster.replica(place).status().appliedIndex() >= commit);
  }

  private void makeVoter(int place) throws Exception {
    makeListener(place);
    change(votersWith(place), List.of());
    await()
        .atMost(PATIENCE)
        .until(() -> cluster.replica(place).status().role() == ReplicaStatus.Role.FOLLOWER);
  }

  private void handOver(int to) throws Exception {
    cluster.leader().membership().transfer(cluster.members.get(to), LIMIT);
    await().atMost(PATIENCE).until(() -> cluster.leaderIndex() == to);
  }

  @Test
  void oneGrowsToThreeWhileItWrites() throws Exception {
    cluster = new TestCluster(root, 1);
    cluster.startAll().awaitReady();
    try (Writer writer = new Writer()) {
      writer.awaitMore(10);
      int second = cluster.startStranger();
      makeListener(second);
      assertThat(cluster.replica(second).status().role()).isEqualTo(ReplicaStatus.Role.LISTENER);
      cluster.replica(second).awaitReadable(PATIENCE);
      makeVoter(second);
      int third = cluster.startStranger();
      makeVoter(third);
      writer.awaitMore(10);

      Membership seen = cluster.replica(third).membership().present();
      assertThat(seen.settled()).isTrue();
      assertThat(seen.voters()).containsExactlyElementsOf(cluster.members); // addresses too
      assertThat(seen.listeners()).isEmpty();
      handOver(third);
      writer.awaitMore(10);
      writer.stopAndCheck();
    }
    cluster.stop(0);
    cluster.write(batch("afterwards", 0, 0)); // two of three are a majority now
    cluster.stop(1);
    cluster.start(1); // and know each other after a restart
    cluster.write(batch("afterwards", 1, 0));
    assertThat(cluster.replica(1).membership().present().voters())
        .containsExactlyElementsOf(cluster.members);
  }

  @Test
  void aNewMemberBeginsWithASnapshotWhereTheLogIsGone() throws Exception {
    cluster.limits = SnapshotTest.smallLimits();
    cluster.startAll().awaitReady();
    try (Writer writer = new Writer()) {
      await()
          .atMost(PATIENCE)
          .until(() ->
              cluster.running().stream()
                  .allMatch(r -> r.gate().division().getRaftLog().getStartIndex() > 40));
      int fourth = cluster.startStranger();
      makeVoter(fourth);
      writer.awaitMore(10);
      cluster.stop(fourth);
      cluster.start(fourth);
      cluster.replica(fourth).awaitReadable(PATIENCE);
      assertThat(cluster.replica(fourth).membership().present().voters()).hasSize(4);
      writer.stopAndCheck();
    }
  }

  /** Its first membership is under way when it restarts: it knows the others and not itself. */
  @Test
  void aNodeThatRestartsOnItsWayInBeginsWhenItIsStartedOnceMore() throws Exception {
    cluster.limits = quickElections(SnapshotTest.smallLimits());
    cluster.startAll().awaitReady();
    try (Writer writer = new Writer()) {
      await()
          .atMost(PATIENCE)
          .until(() ->
              cluster.running().stream()
                  .allMatch(r -> r.gate().division().getRaftLog().getStartIndex() > 40));
      cluster.withholdSnapshots = true;
      int fourth = cluster.startStranger();
      Member node = cluster.members.get(fourth);
      MembershipGate gate = cluster.leader().membership();
      Membership three = gate.present();
      AtomicBoolean gone = new AtomicBoolean();
      AtomicReference<Exception> failure = new AtomicReference<>();
      Thread change =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  gate.change(three, three.voters(), List.of(node), () -> !gone.get());
                } catch (ReplicaFailure | InterruptedException e) {
                  failure.set(e);
                }
              });
      await()
          .atMost(PATIENCE)
          .until(() -> !cluster.replica(fourth).membership().present().contains(node.id()));
      cluster.stop(fourth);
      gone.set(true);
      change.join();
      assertThat(failure.get()).isInstanceOf(Unavailable.class).hasMessageContaining("given up");
      cluster.withholdSnapshots = false;
      cluster.start(fourth);
      assertThat(cluster.replica(fourth).isWaitingToBegin()).isTrue();
      makeListener(fourth);
      assertThat(cluster.replica(fourth).isWaitingToBegin()).isTrue();
      assertThat(cluster.replica(fourth).membership().present().contains(node.id())).isTrue();
      cluster.stop(fourth);
      cluster.start(fourth);
      makeVoter(fourth);
      handOver(fourth);
      writer.awaitMore(10);
      writer.stopAndCheck();
    }
  }

  @Test
  void aLeaderHandsOverAndLeavesAndDisturbsNobody() throws Exception {
    cluster.startAll().awaitReady();
    try (Writer writer = new Writer()) {
      writer.awaitMore(10);
      int first = cluster.leaderIndex();
      ShardReplica leaving = cluster.replica(first);
      handOver((first + 1) % 3);
      long term = cluster.leader().status().term();
      change(votersWithout(first), List.of());
      await().atMost(PATIENCE).until(leaving::isDismissed);
      assertThat(leaving.status().reason()).contains("this node is none of them");
      cluster.stop(first);
      writer.awaitMore(10);
      assertThat(cluster.leader().status().term()).isEqualTo(term);
      writer.stopAndCheck();
    }
  }

  @Test
  void aWipedVoterCountsForNothingUntilItsNewIncarnationIsAVoter() throws Exception {
    cluster.limits = quickElections(ReplicaLimits.DEFAULT);
    cluster.startAll().awaitReady();
    int leader = cluster.leaderIndex();
    int wiped = (leader + 1) % 3;
    int other = (leader + 2) % 3;
    cluster.write(batch("before", 0, 0));
    cluster.stop(wiped);
    cluster.stop(other);
    int incarnation = cluster.startWiped(wiped);

    // Its address and name are those of a voter, whose acknowledgement would be a majority.
    CompletableFuture<?> write = TestCluster.append(cluster.replica(leader), batch("lost", 0, 0));
    await().atMost(PATIENCE).until(() -> !cluster.replica(leader).isLeader());
    assertThatThrownBy(write::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(Unavailable.class);
    assertThat(cluster.replica(incarnation).status().appliedIndex()).isEqualTo(-1);
    assertThat(cluster.replica(incarnation).status().term()).isZero();

    cluster.start(other);
    try (Writer writer = new Writer()) {
      writer.awaitMore(10);
      makeListener(incarnation);
      List<Member> voters = votersWithout(wiped);
      voters.add(cluster.members.get(incarnation));
      change(voters, List.of()); // one step: at no time there are two voters alone
      writer.awaitMore(10);
    }
    cluster.stop(other);
    cluster.write(batch("afterwards", 0, 0));
    cluster.assertEqualStates();
    assertThat(cluster.failures).isEmpty();
  }

  @Test
  void aChangeThatWasDecidedByAnOlderMembershipIsRefused() throws Exception {
    cluster.startAll().awaitReady();
    MembershipGate gate = cluster.leader().membership();
    Membership three = gate.present();
    int leader = cluster.leaderIndex();
    change(votersWithout((leader + 1) % 3), List.of());
    assertThatThrownBy(() -> gate.change(three, three.voters(), List.of(), () -> true))
        .isInstanceOf(Unavailable.class);
    assertThat(gate.present().voters()).hasSize(2);
  }
}
