package io.rafttsdb.storage.spill;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.file.ForgetfulDisk;
import io.rafttsdb.storage.spill.RandomChunks.Owned;
import io.rafttsdb.storage.spill.SpillFiles.Opened;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Long random histories of a directory against a map of what was appended.
 *
 * <p>System property {@code rafttsdb.spill.histories}: random histories, 2 if not set, beside the
 * fixed ones.
 */
class SpillModelTest {

  private static final Disk DISK = new ForgetfulDisk();
  private static final int STEPS = 300;

  @TempDir private Path root;

  static LongStream seeds() {
    long fresh = Long.getLong("rafttsdb.spill.histories", 2);
    return LongStream.concat(
        LongStream.range(0, 6), new SplittableRandom().longs(fresh, 100, Long.MAX_VALUE));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void whatWasAppendedIsRead(long seed) throws IOException {
    new History(seed).run();
  }

  /** One history. */
  private final class History {
    private final SplittableRandom random;
    private final RandomChunks chunks;
    private final long fileBytesMax;
    private final Path directory;
    private final NavigableMap<Long, Owned> appended = new TreeMap<>();
    private final List<Reader> readers = new ArrayList<>();
    private SpillFiles files;

    /** Everything before this place is forced. */
    private long forcedEnd;

    private int snapshotCount;

    /** Who took a lease, and what it may read. */
    private record Reader(SpillLease lease, Map<Long, Owned> known) {}

    History(long seed) throws IOException {
      random = new SplittableRandom(seed);
      chunks = new RandomChunks(random.nextLong());
      fileBytesMax = random.nextInt(3) == 0 ? 128 << 20 : random.nextInt(200, 60_000);
      directory = Files.createDirectory(root.resolve("chunks_head"));
      files = open();
    }

    private SpillFiles open() throws IOException {
      Opened opened = SpillFiles.open(DISK, directory, fileBytesMax, Runnable::run);
      assertThat(opened.refused()).isEmpty();
      assertThat(opened.cutBytes()).isZero();
      return opened.files();
    }

    void run() throws IOException {
      for (int step = 0; step < STEPS; step++) {
        switch (random.nextInt(20)) {
          case 0, 1 -> {
            files.force();
            forcedEnd = Long.MAX_VALUE;
          }
          case 2 -> {
            if (random.nextBoolean()) {
              files.rotate();
              forcedEnd = Long.MAX_VALUE;
            }
          }
          case 3 -> delete();
          case 4 -> readers.add(new Reader(files.acquire(), new TreeMap<>(readable())));
          case 5 -> leave();
          case 6 -> {
            if (random.nextInt(5) == 0) {
              reopen();
            }
          }
          case 7 -> {
            if (random.nextInt(5) == 0) {
              goBackToASnapshot();
            }
          }
          case 8, 9 -> check();
          default -> append();
        }
      }
      while (!readers.isEmpty()) {
        leave();
      }
      check();
      files.close();
    }

    private NavigableMap<Long, Owned> readable() {
      return appended.headMap(forcedEnd, false);
    }

    private void append() throws IOException {
      Owned owned = chunks.next();
      int before = files.endedFiles().size();
      long place = files.append(owned.seriesRef(), owned.chunk());
      assertThat(appended.put(place, owned)).isNull();
      assertThat(place).isEqualTo(appended.lastKey());
      if (files.endedFiles().size() > before || forcedEnd == Long.MAX_VALUE) {
        forcedEnd = place; // what was before it, if in another file, ended with that
      }
    }

    private void delete() throws IOException {
      List<Integer> ended = files.endedFiles();
      if (ended.isEmpty()) {
        return;
      }
      Set<Integer> victims = new TreeSet<>(List.of(ended.getFirst()));
      ended.stream().filter(number -> random.nextInt(5) == 0).forEach(victims::add);
      assertThat(files.delete(victims::contains)).isEqualTo(victims.size());
      appended.keySet().removeIf(place -> victims.contains(SpillPlace.file(place)));
    }

    private void leave() throws IOException {
      if (!readers.isEmpty()) {
        Reader reader = readers.remove(random.nextInt(readers.size()));
        try (SpillLease lease = reader.lease) {
          for (Map.Entry<Long, Owned> entry : reader.known.entrySet()) {
            entry.getValue().assertIs(lease.read(entry.getKey()));
          }
        }
      }
    }

    private void reopen() throws IOException {
      files.force();
      files.close();
      files = open();
      forcedEnd = Long.MAX_VALUE;
    }

    private void goBackToASnapshot() throws IOException {
      Path snapshot = Files.createDirectory(root.resolve("snapshot" + snapshotCount++));
      files.rotate();
      forcedEnd = Long.MAX_VALUE;
      assertThat(files.link(snapshot)).isEqualTo(files.endedFiles());
      NavigableMap<Long, Owned> then = new TreeMap<>(appended);
      for (int i = random.nextInt(20); i > 0; i--) {
        append();
      }
      delete();
      files.close();
      SpillFiles.restore(DISK, snapshot, directory);
      files = open();
      appended.clear();
      appended.putAll(then);
      forcedEnd = Long.MAX_VALUE;
    }

    private void check() throws IOException {
      for (Map.Entry<Long, Owned> entry : appended.entrySet()) {
        boolean isForced = entry.getKey() < forcedEnd;
        assertThat(files.isForced(entry.getKey())).isEqualTo(isForced);
        if (isForced) {
          entry.getValue().assertIs(files.read(entry.getKey()));
        }
      }
      List<Long> ended = new ArrayList<>();
      for (int number : files.endedFiles()) {
        Path path = directory.resolve(SpillFormat.name(number));
        SpillScan.ended(
            path,
            bytes -> {},
            found -> {
              RandomChunks.assertAppended(appended, found);
              ended.add(found.place());
            });
      }
      assertThat(
              appended.keySet().stream()
                  .filter(place -> files.endedFiles().contains(SpillPlace.file(place))))
          .containsExactlyElementsOf(ended);
    }
  }
}
