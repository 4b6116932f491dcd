package io.rafttsdb.storage.head;

import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.file.UsedAfterClose;
import io.rafttsdb.storage.head.HeadChunk.DiskChunk;
import io.rafttsdb.storage.model.CorruptFile;
import io.rafttsdb.storage.model.EngineClosed;
import io.rafttsdb.storage.spill.SpillFiles;
import io.rafttsdb.storage.spill.SpillPlace;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Where a Head's full chunks go: to files, or nowhere. Which chunk is where is this node's own
 * matter and changes no answer.
 *
 * <p>The apply thread adds chunks and never waits. Spilling, linking and closing: on any thread,
 * they wait for the disk and for each other. Reading: on any thread, never waiting for those.
 */
public final class ChunkStore implements Closeable {

  /** Everything stays in memory. */
  public static final ChunkStore MEMORY = new ChunkStore(null, () -> {});

  /** Chunks that are forced together, so that a long queue takes no more memory besides. */
  private static final int PORTION_CHUNKS = 1 << 16;

  private final @Nullable SpillFiles files;
  private final Closeable afterClose;
  private final SpillQueue queue = new SpillQueue();
  private final ReentrantLock lock = new ReentrantLock();

  /** By the number of a file, start of the newest chunk that was ever put in it. Under the lock. */
  private final Map<Integer, Long> newestMs = new HashMap<>();

  /** Under the lock. */
  private boolean isClosed;

  private ChunkStore(@Nullable SpillFiles files, Closeable afterClose) {
    this.files = files;
    this.afterClose = afterClose;
  }

  /**
   * Chunks go to these files.
   *
   * @param files closed with this
   * @param afterClose closed when the files are, once
   */
  public static ChunkStore of(SpillFiles files, Closeable afterClose) {
    return new ChunkStore(files, afterClose);
  }

  /** The right to read, to be taken before a state is captured. */
  ChunkLease acquire() throws UsedAfterClose {
    return files == null ? ChunkLease.MEMORY : new ChunkLease(files.acquire());
  }

  /** The same for those who can't go on without: {@link EngineClosed} where it was closed. */
  ChunkLease lease() {
    try {
      return acquire();
    } catch (UsedAfterClose e) {
      throw new EngineClosed(e);
    }
  }

  /** The bytes of a closed chunk of which the caller knows that its file is not deleted. */
  byte[] bytes(long ref, HeadChunk chunk) throws IOException {
    byte[] memory = chunk.bytes();
    if (memory != null) {
      return memory;
    }
    try (ChunkLease lease = acquire()) {
      return lease.bytes(ref, chunk);
    }
  }

  /** Whether chunks may be on disk. */
  boolean hasFiles() {
    return files != null;
  }

  /**
   * Takes up a closed chunk that is in memory; a very long one stays there. For the apply thread.
   */
  void add(long ref, HeadChunk chunk) {
    if (files != null && chunk.lengthBytes() <= HeadChunk.DISK_BYTES_MAX) {
      queue.add(ref, chunk);
    }
  }

  /**
   * Finds the chunks that an image names, and deletes the files that have none of them.
   *
   * @param image its path
   * @param table its series, with such chunks and others
   * @param namedCount chunks among them that are on disk
   * @throws CorruptFile where one is not there, or a file is damaged
   */
  void restore(Path image, SeriesTable table, long namedCount) throws IOException {
    NamedChunks named = new NamedChunks(table);
    if (files != null) {
      named.find(files.endedPaths());
    }
    if (named.foundCount() != namedCount) {
      throw new CorruptFile(
          image,
          0,
          namedCount + " chunks in files beside it, as it names them",
          Long.toString(named.foundCount()));
    }
    if (files != null) {
      newestMs.putAll(named.newestMs());
      deleteUnneeded(files, Long.MIN_VALUE);
    }
  }

  /**
   * Brings the chunks to disk that were added before, and lets their bytes in memory go once they
   * are forced; then deletes the files that nobody needs any more.
   *
   * @param floorMs asked for the time before which no published state needs a chunk
   * @return chunks that were brought to disk
   * @throws IOException upon which nothing goes to disk any more; no chunk is lost by it
   */
  int spill(LongSupplier floorMs) throws IOException {
    if (files == null) {
      return 0;
    }
    lock.lock();
    try {
      if (isClosed) {
        return 0;
      }
      int spilled = 0;
      for (int left = queue.count(); left > 0; left -= PORTION_CHUNKS) {
        List<SpillQueue.Item> portion = queue.take(Math.min(left, PORTION_CHUNKS));
        spilled += spill(files, portion, floorMs.getAsLong());
      }
      deleteUnneeded(files, floorMs.getAsLong());
      return spilled;
    } finally {
      lock.unlock();
    }
  }

  private record Appended(HeadChunk chunk, DiskChunk disk) {}

  private int spill(SpillFiles into, List<SpillQueue.Item> portion, long floorMs)
      throws IOException {
    List<Appended> appended = new ArrayList<>(portion.size());
    for (SpillQueue.Item item : portion) {
      HeadChunk chunk = item.chunk();
      byte[] bytes = chunk.bytes();
      if (chunk.minMs >= floorMs && bytes != null) {
        Chunk whole = new Chunk(chunk.encoding(), chunk.minMs, chunk.closedMaxMs(), bytes);
        long place = into.append(item.ref(), whole);
        newestMs.merge(SpillPlace.file(place), chunk.minMs, Math::max);
        appended.add(new Appended(chunk, DiskChunk.of(place, bytes)));
      }
    }
    into.force();
    appended.forEach(each -> each.chunk.spilled(each.disk));
    return appended.size();
  }

  private void deleteUnneeded(SpillFiles from, long floorMs) throws IOException {
    int deleted =
        from.delete(number -> !newestMs.containsKey(number) || newestMs.get(number) < floorMs);
    if (deleted > 0) {
      newestMs.values().removeIf(startMs -> startMs < floorMs);
    }
  }

  /**
   * Ends the file that grows and links all that ended.
   *
   * @param into directory that is there and empty
   * @return numbers of the linked files: whatever they hold can be named
   */
  Set<Integer> link(Path into) throws IOException {
    if (files == null) {
      return Set.of();
    }
    lock.lock();
    try {
      files.rotate();
      return Set.copyOf(files.link(into));
    } finally {
      lock.unlock();
    }
  }

  /** Nothing goes to disk and no lease is given from now on. Closing twice is closing once. */
  @Override
  public void close() throws IOException {
    if (files == null) {
      return;
    }
    lock.lock();
    try {
      if (!isClosed) {
        isClosed = true;
        files.close();
        afterClose.close();
      }
    } finally {
      lock.unlock();
    }
  }
}
