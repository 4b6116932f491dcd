package io.rafttsdb.storage.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.storage.block.RandomSeries.Sample;
import io.rafttsdb.storage.file.UsedAfterClose;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Matcher;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who reads a block keeps it; nobody reads what is not mapped any more. */
class LeasesTest {

  private static final Ulid ULID = Ulid.parse("01HF7XKM00000000000000000A");
  private static final SortedMap<Labels, List<Sample>> SERIES = new RandomSeries(2).exactly(30);

  @TempDir private Path directory;
  private Path path = Path.of("");

  @BeforeEach
  void writeBlock() throws IOException {
    path = RandomSeries.write(directory, ULID, SERIES);
  }

  @Test
  void theLastLeaseUnmapsOnTheExecutor() throws IOException {
    List<Runnable> unmaps = new ArrayList<>();
    Block block = Block.open(path, unmaps::add);
    Lease first = block.acquire();
    Lease second = block.acquire();
    block.close();
    block.close();
    assertThatThrownBy(block::acquire)
        .isInstanceOf(UsedAfterClose.class)
        .hasMessageContaining(ULID.toString());
    first.close();
    first.close();
    assertThat(BlockTest.all(second.block())).isEqualTo(SERIES);
    assertThat(unmaps).isEmpty();
    second.close();
    assertThat(unmaps).hasSize(1);

    unmaps.getFirst().run();
    assertThatThrownBy(() -> BlockTest.all(block)).isInstanceOf(UsedAfterClose.class);
  }

  @Test
  void aBlockThatNobodyReadsIsUnmappedAtOnce() throws IOException {
    Block block = Block.open(path);
    List<ChunkSeries> series = block.select(List.of(), 0, Long.MAX_VALUE, 100);
    block.close();
    assertThatThrownBy(() -> series.getFirst().chunks().getFirst().load())
        .isInstanceOf(UsedAfterClose.class);
    assertThatThrownBy(() -> block.select(List.of(), 0, Long.MAX_VALUE, 100))
        .isInstanceOf(UsedAfterClose.class);
    assertThatThrownBy(() -> block.symbols().next())
        .isInstanceOf(UncheckedIOException.class)
        .hasCauseInstanceOf(UsedAfterClose.class);
  }

  @Test
  void anExecutorThatHasEndedLeavesNothingMapped() throws IOException {
    Block block =
        Block.open(
            path,
            unmap -> {
              throw new RejectedExecutionException();
            });
    block.close();
    assertThatThrownBy(() -> BlockTest.all(block)).isInstanceOf(UsedAfterClose.class);
  }

  @Test
  void manyReadWhileItIsClosed() throws Exception {
    try (ExecutorService executor = Executors.newFixedThreadPool(6)) {
      for (int round = 0; round < 30; round++) {
        AtomicInteger unmaps = new AtomicInteger();
        Block block =
            Block.open(
                path,
                unmap -> {
                  unmaps.incrementAndGet();
                  unmap.run();
                });
        CountDownLatch reading = new CountDownLatch(3);
        List<Future<?>> readers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          readers.add(executor.submit(leasing(block, reading)));
        }
        for (int i = 0; i < 2; i++) {
          readers.add(executor.submit(careless(block)));
        }
        reading.await();
        block.close();
        for (Future<?> reader : readers) {
          reader.get();
        }
        assertThat(unmaps).hasValue(1);
      }
    }
  }

  /** Reads with a lease each time, and is never disturbed. */
  private static Callable<Void> leasing(Block block, CountDownLatch reading) {
    return () -> {
      while (true) {
        Lease lease;
        try {
          lease = block.acquire();
        } catch (UsedAfterClose e) {
          return null;
        }
        try (lease) {
          assertThat(BlockTest.all(lease.block())).isEqualTo(SERIES);
        } finally {
          reading.countDown();
        }
      }
    };
  }

  /** Reads without a lease, which is wrong and may fail, but only in one way. */
  private static Callable<Void> careless(Block block) {
    List<Matcher> matchers = List.of(new Matcher(Matcher.Type.REGEX, "instance", "host.*"));
    return () -> {
      try {
        while (true) {
          for (ChunkSeries series : block.select(matchers, 0, Long.MAX_VALUE, 100)) {
            assertThat(BlockTest.samples(series)).isEqualTo(SERIES.get(series.labels()));
          }
        }
      } catch (UsedAfterClose e) {
        return null;
      }
    };
  }
}
