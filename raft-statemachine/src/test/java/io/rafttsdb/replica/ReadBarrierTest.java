package io.rafttsdb.replica;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ReadBarrierTest {
  private final List<CompletableFuture<Void>> started = new ArrayList<>();
  private final ReadBarrier barrier =
      new ReadBarrier(() -> {
        CompletableFuture<Void> one = new CompletableFuture<>();
        started.add(one);
        return one;
      });

  @Test
  void whoComesMeanwhileSharesTheNextOneAndNotThePresent() {
    CompletableFuture<Void> first = barrier.join();
    CompletableFuture<Void> second = barrier.join();
    CompletableFuture<Void> third = barrier.join();
    assertThat(started).hasSize(1);

    started.get(0).complete(null);
    assertThat(first).isCompleted();
    assertThat(second).isNotDone();
    assertThat(started).hasSize(2);

    started.get(1).complete(null);
    assertThat(second).isCompleted();
    assertThat(third).isCompleted();
    assertThat(started).hasSize(2);
    assertThat(barrier.join()).isNotDone();
    assertThat(started).hasSize(3);
  }

  @Test
  void aFailureIsSharedByThoseWhoWaitedForItAlone() {
    CompletableFuture<Void> first = barrier.join();
    CompletableFuture<Void> second = barrier.join();
    started.get(0).completeExceptionally(new IllegalStateException("no leader"));
    assertThat(first).isCompletedExceptionally();
    started.get(1).complete(null);
    assertThat(second).isCompleted();
  }
}
