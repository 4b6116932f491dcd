package io.rafttsdb.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.rafttsdb.command.LogCommand;
import io.rafttsdb.replica.ReplicaFailure.NotLeader;
import io.rafttsdb.replica.ReplicaFailure.Outcome;
import io.rafttsdb.replica.ReplicaFailure.Overloaded;
import io.rafttsdb.replica.ReplicaFailure.TooLarge;
import io.rafttsdb.replica.ReplicaFailure.Unavailable;
import io.rafttsdb.storage.model.AppendResult;
import io.rafttsdb.storage.model.SampleBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EntryJoinerTest {
  private static final long BYTES_MAX = 64 << 20;

  /** A log that answers when the test says so. */
  private static final class ScriptedLog implements EntryJoiner.Log {
    final List<RaftEntry> entries = new CopyOnWriteArrayList<>();
    final List<EntryJoiner.Answer> answers = new CopyOnWriteArrayList<>();

    @Override
    public void submit(RaftEntry entry, EntryJoiner.Answer answer) {
      answers.add(answer);
      entries.add(entry);
    }

    List<SampleBatch> batches(int entry) {
      return entries.get(entry).command() instanceof LogCommand.Append append
          ? append.batches()
          : List.of();
    }

    /** Answers each request of an entry with the ref of its first row as the count stored. */
    void apply(int entry) {
      List<AppendResult> results = new ArrayList<>();
      for (SampleBatch batch : batches(entry)) {
        results.add(new AppendResult.Judged((int) batch.ref(0), 0, 0, List.of()));
      }
      entries.get(entry).setApplied(AppliedEntry.of(results));
      answers.get(entry).accept(null);
    }
  }

  private final ScriptedLog log = new ScriptedLog();
  private final List<Throwable> deaths = new CopyOnWriteArrayList<>();
  private final EntryJoiner joiner =
      new EntryJoiner("test", log, BYTES_MAX, (thread, error) -> deaths.add(error));

  @AfterEach
  void close() {
    joiner.close();
    assertThat(deaths).isEmpty();
  }

  private static SampleBatch batch(long ref, int samples) {
    SampleBatch.Builder batch = new SampleBatch.Builder().series(ref);
    for (int i = 0; i < samples; i++) {
      batch.sample(i, i);
    }
    return batch.build();
  }

  private CompletableFuture<AppendResult> append(long ref, int samples) {
    return joiner.append(batch(ref, samples), System.nanoTime() + TestCluster.PATIENCE.toNanos());
  }

  private void awaitEntries(int count) {
    await().atMost(TestCluster.PATIENCE).until(() -> log.entries.size() >= count);
    assertThat(log.entries).hasSize(count);
  }

  @Test
  void fewUnderWayGoAtOnceAndOthersJoinUntilOneReturns() throws Exception {
    joiner.start();
    List<CompletableFuture<AppendResult>> results = new ArrayList<>();
    for (int i = 1; i <= EntryJoiner.AT_ONCE_MAX; i++) {
      results.add(append(i, 1));
      awaitEntries(i);
    }
    for (int i = 5; i <= 9; i++) {
      results.add(append(i, 1));
    }
    assertThat(log.entries).hasSize(EntryJoiner.AT_ONCE_MAX);
    log.apply(0);
    awaitEntries(EntryJoiner.AT_ONCE_MAX + 1);
    assertThat(log.batches(4))
        .extracting(batch -> batch.ref(0))
        .containsExactly(5L, 6L, 7L, 8L, 9L);
    for (int i = 1; i <= 4; i++) {
      log.apply(i);
    }
    for (int i = 0; i < results.size(); i++) {
      assertThat(results.get(i).get(10, TimeUnit.SECONDS))
          .isEqualTo(new AppendResult.Judged(i + 1, 0, 0, List.of()));
    }
    assertThat(joiner.waitingBytes()).isZero();
    assertThat(joiner.entries()).isEqualTo(5);
    assertThat(joiner.requests()).isEqualTo(9);
  }

  @Test
  void fullEntriesDoNotWaitAndNoneIsLongerThanItsAim() {
    joiner.start();
    for (int i = 1; i <= 40; i++) {
      var _ = append(i, 60_000); // 480 kB each: two fill an entry
    }
    awaitEntries(EntryJoiner.UNDER_WAY_MAX);
    assertThat(log.entries)
        .allSatisfy(entry ->
            assertThat(entry.getContent().size()).isLessThan(EntryJoiner.ENTRY_BYTES + 16));
    for (int i = 0; i < 21 && i < log.entries.size(); i++) {
      log.apply(i);
      await().atMost(TestCluster.PATIENCE).until(() -> joiner.waitingBytes() >= 0);
    }
    await().atMost(TestCluster.PATIENCE).until(() -> log.entries.size() >= 20);
    List<Long> order = new ArrayList<>();
    for (int i = 0; i < log.entries.size(); i++) {
      log.batches(i).forEach(batch -> order.add(batch.ref(0)));
    }
    assertThat(order).isSorted();
  }

  @Test
  void oneLongRequestGoesAloneAndATooLongOneNotAtAll() {
    var _ = append(1, 200_000);
    var _ = append(2, 1);
    CompletableFuture<AppendResult> tooLong = append(3, 600_000);
    joiner.start();
    awaitEntries(2);
    assertThat(log.batches(0)).hasSize(1);
    assertThat(log.entries.get(0).getContent().size()).isGreaterThan(EntryJoiner.ENTRY_BYTES);
    assertThatThrownBy(tooLong::join).hasCauseInstanceOf(TooLarge.class);
  }

  @Test
  void waitingBytesAreBounded() {
    joiner.start();
    int accepted = 0;
    CompletableFuture<AppendResult> last = append(1, 100_000);
    while (!last.isCompletedExceptionally()) {
      accepted++;
      last = append(1, 100_000);
    }
    assertThat(accepted).isEqualTo((int) (BYTES_MAX / 800_030));
    assertThatThrownBy(last::join).hasCauseInstanceOf(Overloaded.class);
  }

  @Test
  void aRequestWhoseTimeIsOverIsNotAppended() {
    CompletableFuture<AppendResult> late = joiner.append(batch(1, 1), System.nanoTime() - 1);
    var _ = append(2, 1);
    joiner.start();
    awaitEntries(1);
    assertThat(log.batches(0)).extracting(batch -> batch.ref(0)).containsExactly(2L);
    assertThatThrownBy(late::join)
        .cause()
        .isInstanceOfSatisfying(
            Unavailable.class,
            failure -> assertThat(failure.outcome()).isEqualTo(Outcome.NOT_STORED));
  }

  @Test
  void aFailedEntryFailsEachOfItsRequests() {
    CompletableFuture<AppendResult> first = append(1, 1);
    CompletableFuture<AppendResult> second = append(2, 1);
    joiner.start();
    awaitEntries(1);
    log.answers.get(0).accept(new NotLeader(null));
    assertThatThrownBy(first::join).hasCauseInstanceOf(NotLeader.class);
    assertThatThrownBy(second::join).hasCauseInstanceOf(NotLeader.class);
    assertThat(joiner.waitingBytes()).isZero();
  }

  @Test
  void anAnswerWithoutResultsIsNoAcknowledgement() {
    CompletableFuture<AppendResult> result = append(1, 1);
    joiner.start();
    awaitEntries(1);
    log.answers.get(0).accept(null);
    assertThatThrownBy(result::join)
        .cause()
        .isInstanceOfSatisfying(
            Unavailable.class, failure -> assertThat(failure.outcome()).isEqualTo(Outcome.UNKNOWN));
  }

  @Test
  void closingFailsWhatIsQueuedAndWhatComes() {
    CompletableFuture<AppendResult> queued = append(1, 1);
    joiner.close();
    assertThatThrownBy(queued::join).hasCauseInstanceOf(Unavailable.class);
    assertThatThrownBy(append(2, 1)::join).hasCauseInstanceOf(Unavailable.class);
  }
}
