package io.rafttsdb.storage.spill;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.file.ForgetfulDisk;
import io.rafttsdb.storage.file.UsedAfterClose;
import io.rafttsdb.storage.spill.RandomChunks.Owned;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many read while chunks are appended, files end and files are deleted, as a Head would have it.
 *
 * <p>System property {@code rafttsdb.spill.appends}: chunks that are appended, 6,000 if not set.
 */
class SpillConcurrencyTest {

  private static final int APPENDS = Integer.getInteger("rafttsdb.spill.appends", 6000);
  private static final int READERS = 3;

  @TempDir private Path directory;

  /** What the Head's published state names: chunks that are forced, by their places. */
  private final ConcurrentSkipListMap<Long, Owned> published = new ConcurrentSkipListMap<>();

  private final AtomicInteger unmaps = new AtomicInteger();
  private final AtomicInteger reads = new AtomicInteger();

  @Test
  void readersNeverMissWhatTheyCaptured() throws Exception {
    SpillFiles files =
        SpillFiles.open(
                new ForgetfulDisk(),
                directory,
                40_000,
                unmap -> {
                  unmaps.incrementAndGet();
                  unmap.run();
                })
            .files();
    int deletions;
    try (ExecutorService executor = Executors.newFixedThreadPool(READERS)) {
      List<Future<?>> readers = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        readers.add(executor.submit(reader(files, i)));
      }
      deletions = write(files);
      files.close();
      for (Future<?> reader : readers) {
        reader.get();
      }
    }
    assertThat(reads.get()).isPositive();
    assertThat(unmaps).as("once for each deletion, and for the close").hasValue(deletions + 1);
  }

  /** Appends, forces and deletes; returns how often something was deleted. */
  private int write(SpillFiles files) throws IOException {
    RandomChunks chunks = new RandomChunks(21);
    SplittableRandom random = new SplittableRandom(22);
    NavigableMap<Long, Owned> waiting = new TreeMap<>();
    int deletions = 0;
    for (int i = 0; i < APPENDS; i++) {
      Owned owned = chunks.next();
      waiting.put(files.append(owned.seriesRef(), owned.chunk()), owned);
      switch (random.nextInt(50)) {
        case 0, 1, 2, 3 -> files.force();
        case 4 -> files.rotate();
        default -> {}
      }
      while (!waiting.isEmpty() && files.isForced(waiting.firstKey())) {
        Map.Entry<Long, Owned> forced = waiting.firstEntry();
        published.put(forced.getKey(), forced.getValue());
        waiting.remove(forced.getKey());
      }
      if (random.nextInt(60) == 0 && files.endedFiles().size() > 2) {
        int before = files.endedFiles().get(random.nextInt(2)) + 1;
        published.headMap(SpillPlace.of(before, 0)).clear();
        assertThat(files.delete(number -> number < before)).isPositive();
        deletions++;
      }
    }
    return deletions;
  }

  /** Takes a lease, captures, and reads what it captured and what came later. */
  private Callable<Void> reader(SpillFiles files, int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    return () -> {
      while (true) {
        SpillLease lease;
        try {
          lease = files.acquire();
        } catch (UsedAfterClose e) {
          return null;
        }
        try (lease) {
          List<Map.Entry<Long, Owned>> captured = new ArrayList<>(published.entrySet());
          for (int i = random.nextInt(60); i > 0 && !captured.isEmpty(); i--) {
            int at = random.nextInt(captured.size());
            read(lease, captured.get(random.nextBoolean() ? at : at / 8));
            Map.Entry<Long, Owned> newest = published.lastEntry();
            if (newest != null && random.nextInt(4) == 0) {
              captured.add(newest);
              read(lease, newest);
            }
          }
        }
      }
    };
  }

  private void read(SpillLease lease, Map.Entry<Long, Owned> entry) throws IOException {
    entry.getValue().assertIs(lease.read(entry.getKey()));
    reads.incrementAndGet();
  }
}
