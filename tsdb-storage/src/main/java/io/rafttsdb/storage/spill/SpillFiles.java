package io.rafttsdb.storage.spill;

import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.file.UsedAfterClose;
import io.rafttsdb.storage.model.CorruptFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Full chunks of the Head on disk: a directory of numbered files, of which at most the newest one
 * grows (docs/format/chunks-head.md).
 *
 * <p>How a Head uses it. It appends each chunk that is full and keeps the place, and the chunk's
 * bytes too until {@link #isForced} says that the place can be read and will be after a crash. A
 * query takes a lease, then captures the Head's state, then reads places by the lease. A snapshot
 * calls {@link #rotate} and {@link #link}; the places that it names are in the linked files. When
 * no state that is published names a chunk of some file any more, the file is deleted.
 *
 * <p>Appending, forcing, rotating, linking, deleting, closing: on any thread, one at a time; they
 * wait for the disk and for each other, so the apply thread hands chunks to another thread. Reading
 * and {@link #isForced}: on any thread, never waiting for those.
 *
 * <p>After an error of appending, forcing or rotating nothing more is written, since what the disk
 * kept is not known; what was forced before can be read.
 */
public final class SpillFiles implements Closeable {

  /** Length of a file after which another is begun, unless another length is asked for. */
  public static final long FILE_BYTES = 128 << 20;

  /** A growing file is mapped anew at most so many times before it grew to a quarter of a file. */
  private static final int MAP_STEPS = 128;

  private final Disk disk;
  private final Path directory;
  private final long fileBytesMax;
  private final Executor unmapper;
  private final Epochs epochs = new Epochs();

  /** All files that may be read; those that were deleted too, until the last lease ends. */
  private final Map<Integer, SpillFile> readable = new ConcurrentHashMap<>();

  private final ReentrantLock lock = new ReentrantLock();

  /** Files that ended and were not deleted. Under the lock, like all that follow. */
  private final NavigableMap<Integer, SpillFile> ended = new TreeMap<>();

  private int nextNumber;
  private @Nullable Growing growing;
  private @Nullable IOException failure;
  private boolean isClosed;

  /** All places below it are forced. Written under the lock. */
  private volatile long forcedUpTo;

  /** The newest file, as it is written and as it is read. */
  private record Growing(SpillWriter writer, SpillFile file) {}

  /**
   * What opening found.
   *
   * @param refused files that could not be opened; none of their chunks can be read
   * @param cutBytes length of a torn tail that was cut off the newest file
   */
  public record Opened(SpillFiles files, List<Refused> refused, long cutBytes) {
    public Opened {
      refused = List.copyOf(refused);
    }
  }

  /**
   * A file that could not be opened.
   *
   * @param movedTo its quarantine; empty where it was left in its place, since another version or
   *     another try may read it
   */
  public record Refused(int file, IOException reason, Optional<Path> movedTo) {}

  private SpillFiles(
      Disk disk, Path directory, long fileBytesMax, Executor unmapper, int nextNumber) {
    this.disk = disk;
    this.directory = directory;
    this.fileBytesMax = fileBytesMax;
    this.unmapper = unmapper;
    this.nextNumber = nextNumber;
    this.forcedUpTo = SpillPlace.of(nextNumber, 0);
  }

  /**
   * Opens a directory, as a crash may have left it: all files that are sound at both ends, and what
   * is sound of a newest one that did not end. Chunks in them are checked when they are read, and
   * by {@link SpillScan#ended}. What is appended later goes into new files.
   *
   * @param directory which is there
   * @param fileBytesMax see {@link #FILE_BYTES}; longer only for a chunk longer than that
   * @param unmapper unmaps files, which makes all threads of the process stop for a moment
   */
  public static Opened open(Disk disk, Path directory, long fileBytesMax, Executor unmapper)
      throws IOException {
    long shortest = SpillFormat.HEADER_BYTES + SpillFormat.MARK_BYTES;
    if (fileBytesMax < shortest || fileBytesMax > SpillFormat.FILE_BYTES_MAX) {
      throw new IllegalArgumentException(
          "files of " + fileBytesMax + " bytes, expected " + shortest + " to 2^30");
    }
    SpillOpening opening = new SpillOpening(disk, directory);
    int nextNumber = opening.run();
    SpillFiles files = new SpillFiles(disk, directory, fileBytesMax, unmapper, nextNumber);
    try {
      for (Map.Entry<Integer, Long> entry : opening.endedBytes().entrySet()) {
        SpillFile file = files.readableFile(entry.getKey());
        file.ended(entry.getValue());
        files.ended.put(file.number(), file);
      }
    } catch (Throwable e) {
      files.close();
      throw e;
    }
    return new Opened(files, opening.refused(), opening.cutBytes());
  }

  /**
   * Makes a directory hold the files that a snapshot has, by hard links, and no others: what was
   * appended after the snapshot was taken comes again from the log. After a crash it is done again.
   *
   * @param from directory that {@link #link} filled
   * @param directory which is there and not open
   */
  public static void restore(Disk disk, Path from, Path directory) throws IOException {
    SpillOpening.sweep(disk, directory);
    for (int number : SpillOpening.numbers(directory)) {
      disk.delete(directory.resolve(SpillFormat.name(number)));
    }
    disk.forceDirectory(directory);
    for (int number : SpillOpening.numbers(from)) {
      String name = SpillFormat.name(number);
      disk.link(from.resolve(name), directory.resolve(name));
    }
    disk.forceDirectory(directory);
  }

  private SpillFile readableFile(int number) {
    Path path = directory.resolve(SpillFormat.name(number));
    SpillFile file = new SpillFile(path, number, fileBytesMax / MAP_STEPS);
    readable.put(number, file);
    return file;
  }

  /** A change of what is written. */
  private interface Writing<T> {
    T run() throws IOException;
  }

  private <T> T writing(Writing<T> writing) throws IOException {
    lock.lock();
    try {
      checkOpen();
      if (failure != null) {
        throw new IOException(directory + " is not written any more after an error", failure);
      }
      try {
        return writing.run();
      } catch (IOException e) {
        failure = e;
        throw e;
      }
    } finally {
      lock.unlock();
    }
  }

  private void checkOpen() throws UsedAfterClose {
    if (isClosed) {
      throw new UsedAfterClose("Head chunks in " + directory);
    }
  }

  /**
   * Appends a chunk. It can be read and lasts only after the next {@link #force} or {@link
   * #rotate}; a file that is full is rotated by itself.
   *
   * @param seriesRef not 0
   * @return its place, higher than those of all chunks before
   */
  public long append(long seriesRef, Chunk chunk) throws IOException {
    if (seriesRef == SpillFormat.MARK_REF) {
      throw new IllegalArgumentException("a chunk of series 0, expected another ref");
    }
    int dataBytes = chunk.data().length;
    if (dataBytes > SpillFormat.CHUNK_BYTES_MAX) {
      throw new IllegalArgumentException(
          "chunk of " + dataBytes + " bytes, expected at most " + SpillFormat.CHUNK_BYTES_MAX);
    }
    return writing(() -> {
      Growing present = growingFor(dataBytes);
      return SpillPlace.of(present.file.number(), present.writer.append(seriesRef, chunk));
    });
  }

  /** The file that a chunk goes to: with it and marks before and after it not too long. */
  private Growing growingFor(int dataBytes) throws IOException {
    Growing present = growing;
    if (present != null) {
      long position = present.writer.position();
      long needed = dataBytes + SpillFormat.RECORD_EXTRA_BYTES_MAX + 2L * SpillFormat.MARK_BYTES;
      if (position + needed <= fileBytesMax || position == SpillFormat.HEADER_BYTES) {
        return present;
      }
      end();
    }
    if (nextNumber > SpillFormat.NUMBER_MAX) {
      throw new IOException(directory + " has no number left for another file");
    }
    int number = nextNumber;
    Path path = directory.resolve(SpillFormat.name(number));
    SpillWriter writer = SpillWriter.create(disk, path, number);
    Growing begun = new Growing(writer, readableFile(number));
    nextNumber++;
    growing = begun;
    return begun;
  }

  /** Makes what was appended last, and readable. */
  public void force() throws IOException {
    writing(() -> {
      Growing present = growing;
      if (present != null) {
        present.writer.force();
        present.file.grown(present.writer.forcedBytes());
        forcedUpTo = SpillPlace.of(present.file.number(), present.writer.forcedBytes());
      }
      return Boolean.TRUE;
    });
  }

  /**
   * Makes what was appended last, and ends its file, which is never written again; the next chunk
   * begins another. Nothing happens where no file grows.
   */
  public void rotate() throws IOException {
    writing(() -> {
      end();
      return Boolean.TRUE;
    });
  }

  private void end() throws IOException {
    Growing present = growing;
    if (present != null) {
      present.writer.end();
      present.file.ended(present.writer.forcedBytes());
      ended.put(present.file.number(), present.file);
      growing = null;
      forcedUpTo = SpillPlace.of(nextNumber, 0);
    }
  }

  /** Whether a chunk that was appended at a place lasts and can be read, unless it was deleted. */
  public boolean isForced(long place) {
    return place < forcedUpTo;
  }

  /** Numbers of the files that ended and were not deleted, ascending. */
  public List<Integer> endedFiles() {
    lock.lock();
    try {
      return List.copyOf(ended.keySet());
    } finally {
      lock.unlock();
    }
  }

  /** Paths of those files, in the same order. */
  public List<Path> endedPaths() {
    lock.lock();
    try {
      return ended.values().stream().map(SpillFile::path).toList();
    } finally {
      lock.unlock();
    }
  }

  /** Length of all files that were not deleted, as far as they were forced. */
  public long sizeBytes() {
    lock.lock();
    try {
      Growing present = growing;
      long growingBytes = present == null ? 0 : present.file.readableBytes();
      return growingBytes + ended.values().stream().mapToLong(SpillFile::readableBytes).sum();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Makes hard links to all files that ended, and makes them last.
   *
   * @param into directory that is there and empty, whose own name is its parent's matter
   * @return numbers of the files, ascending
   */
  public List<Integer> link(Path into) throws IOException {
    lock.lock();
    try {
      checkOpen();
      for (SpillFile file : ended.values()) {
        disk.link(file.path(), into.resolve(SpillFormat.name(file.number())));
      }
      disk.forceDirectory(into);
      return List.copyOf(ended.keySet());
    } finally {
      lock.unlock();
    }
  }

  /**
   * Deletes files that ended. Who has a lease may go on reading them; nobody may want them who
   * takes one after this was called. After a crash a file may be there again.
   *
   * @param unneeded is asked for the number of each file that ended
   * @return how many were deleted
   */
  public int delete(IntPredicate unneeded) throws IOException {
    lock.lock();
    try {
      checkOpen();
      List<SpillFile> deleted = new ArrayList<>();
      try {
        for (SpillFile file : List.copyOf(ended.values())) {
          if (unneeded.test(file.number())) {
            disk.delete(file.path());
            ended.remove(file.number());
            deleted.add(file);
          }
        }
      } finally {
        if (!deleted.isEmpty()) {
          epochs.retire(() -> giveUp(deleted));
        }
      }
      if (!deleted.isEmpty()) {
        disk.forceDirectory(directory);
      }
      return deleted.size();
    } finally {
      lock.unlock();
    }
  }

  private void giveUp(List<SpillFile> files) {
    files.forEach(file -> readable.remove(file.number()));
    try {
      unmapper.execute(() -> files.forEach(SpillFile::unmap));
    } catch (RejectedExecutionException e) {
      files.forEach(SpillFile::unmap);
    }
  }

  /**
   * The right to read.
   *
   * @throws UsedAfterClose once this was closed
   */
  public SpillLease acquire() throws UsedAfterClose {
    Epochs.Epoch epoch = epochs.enter();
    if (epoch == null) {
      throw new UsedAfterClose("Head chunks in " + directory);
    }
    return new SpillLease(this, epoch);
  }

  /** Copies a chunk out of a file that is not deleted meanwhile; see {@link SpillLease#read}. */
  public SpilledChunk read(long place) throws IOException {
    try (SpillLease lease = acquire()) {
      return lease.read(place);
    }
  }

  /** For whoever has a lease. */
  SpilledChunk find(long place) throws IOException {
    SpillFile file = readable.get(SpillPlace.file(place));
    if (file == null) {
      throw new CorruptFile(pathOf(place), SpillPlace.offset(place), "a chunk", "no such file");
    }
    return file.read(SpillPlace.offset(place));
  }

  /** The file that a place is in. */
  Path pathOf(long place) {
    return directory.resolve(SpillFormat.name(SpillPlace.file(place)));
  }

  /**
   * Nothing is written and no lease is given from now on; the last one to leave has the files
   * unmapped. What was not forced may be lost.
   */
  @Override
  public void close() throws IOException {
    lock.lock();
    try {
      if (isClosed) {
        return;
      }
      isClosed = true;
      Growing present = growing;
      if (present != null) {
        try (SpillWriter writer = present.writer) {
          // Its name may be another's soon; who has a lease does not need it.
          present.file.ended(writer.forcedBytes());
        }
      }
    } finally {
      epochs.close(() -> giveUp(List.copyOf(readable.values())));
      lock.unlock();
    }
  }
}
