package io.rafttsdb.storage.block;

import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.file.Leases;
import io.rafttsdb.storage.file.MappedFile;
import io.rafttsdb.storage.file.UsedAfterClose;
import io.rafttsdb.storage.index.IndexReader;
import io.rafttsdb.storage.model.CorruptFile;
import io.rafttsdb.storage.model.LimitExceeded;
import io.rafttsdb.storage.model.Matcher;
import io.rafttsdb.storage.model.Ulid;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * An open block: immutable but for its tombstones, mapped into memory until it is closed and the
 * last {@link Lease} is given back.
 *
 * <p>On any thread. Whoever reads holds a lease meanwhile, also for the chunks that it was handed.
 * Reading without one after the block was closed is {@link UsedAfterClose}, never more. What can't
 * be read, because the disk failed or the file is damaged, is an {@link IOException} of this block.
 */
public final class Block implements ChunkSource, Closeable {

  private final Path directory;
  private final IndexReader index;
  private final SegmentReader segments;
  private final Arena arena;
  private final Executor unmapper;
  private final Leases leases = new Leases(this::unmap);
  private final ReentrantLock deleting = new ReentrantLock();
  private volatile Deletable state;

  /** What a delete changes. */
  private record Deletable(BlockMeta meta, Tombstones tombstones) {}

  private Block(
      Path directory,
      Deletable state,
      IndexReader index,
      SegmentReader segments,
      Arena arena,
      Executor unmapper) {
    this.directory = directory;
    this.state = state;
    this.index = index;
    this.segments = segments;
    this.arena = arena;
    this.unmapper = unmapper;
  }

  /** Opens a block; whoever leaves it last unmaps it. */
  public static Block open(Path directory) throws IOException {
    return open(directory, Runnable::run);
  }

  /**
   * Opens a block. Its index is checked as far as {@link IndexReader#open} does.
   *
   * @param unmapper unmaps the files, which makes all threads of the process stop for a moment
   * @throws CorruptFile where a file does not hold what it should, or another version wrote it
   */
  public static Block open(Path directory, Executor unmapper) throws IOException {
    Tombstones tombstones = Tombstones.read(directory.resolve(BlockFormat.TOMBSTONES));
    BlockMeta meta = readMeta(directory).withTombstones(tombstones.count());
    Deletable state = new Deletable(meta, tombstones);
    Arena arena = Arena.ofShared();
    try {
      IndexReader index =
          IndexReader.open(MappedFile.map(directory.resolve(BlockFormat.INDEX), arena));
      List<MappedFile> files = new ArrayList<>();
      for (Path segment : segmentFiles(directory)) {
        files.add(MappedFile.map(segment, arena));
      }
      SegmentReader segments = new SegmentReader(directory.resolve(BlockFormat.CHUNKS), files);
      return new Block(directory, state, index, segments, arena, unmapper);
    } catch (InternalError e) {
      arena.close();
      throw MappedFile.unreadable(directory, e);
    } catch (Throwable e) {
      arena.close();
      throw e;
    }
  }

  /** meta.json, which must name the directory that it is in where that has a block's name. */
  static BlockMeta readMeta(Path directory) throws IOException {
    Path file = directory.resolve(BlockFormat.META);
    BlockMeta meta = BlockMetaJson.read(file);
    String name = String.valueOf(directory.getFileName());
    if (Ulid.isUlid(name) && !name.equals(meta.ulid().toString())) {
      throw new CorruptFile(file, 0, "block " + name, "block " + meta.ulid());
    }
    return meta;
  }

  /** Segment files in order of their numbers, up to the first that is not there. */
  static List<Path> segmentFiles(Path directory) throws CorruptFile {
    Path chunks = directory.resolve(BlockFormat.CHUNKS);
    List<Path> files = new ArrayList<>();
    while (true) {
      Path file = chunks.resolve(BlockFormat.segment(files.size()));
      if (!Files.exists(file)) {
        return files;
      }
      files.add(file);
    }
  }

  public BlockMeta meta() {
    return state.meta;
  }

  public Path directory() {
    return directory;
  }

  /** Bytes of its index and chunks: what never changes, and is the same on all replicas. */
  public long sizeBytes() {
    return index.sizeBytes() + segments.sizeBytes();
  }

  /** What of it is not to be seen any more. */
  public Tombstones tombstones() {
    return state.tombstones;
  }

  /**
   * The right to read it.
   *
   * @throws UsedAfterClose once it was closed
   */
  public Lease acquire() throws UsedAfterClose {
    if (!leases.acquire()) {
      throw new UsedAfterClose("block " + meta().ulid());
    }
    return new BlockLease(this, leases);
  }

  /** No lease is given from now on; the last one to leave has the files unmapped. */
  @Override
  public void close() {
    leases.close();
  }

  private void unmap() {
    try {
      unmapper.execute(arena::close);
    } catch (RejectedExecutionException e) {
      arena.close();
    }
  }

  /** Reads mapped files, whatever way their errors take. */
  private interface Reading<T> {
    T read() throws IOException;
  }

  private <T> T reading(Reading<T> reading) throws IOException {
    try {
      return reading.read();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (InternalError e) {
      throw MappedFile.unreadable(directory, e);
    }
  }

  private BlockQuery query() {
    Deletable present = state;
    return new BlockQuery(directory, present.meta, index, segments, present.tombstones);
  }

  /**
   * The series that fulfil all matchers and have a chunk that reaches into [minMs, maxMs], both
   * included, and is not wholly deleted there; sorted by labels, with only those chunks.
   *
   * @throws LimitExceeded on more than seriesMax series
   */
  public List<ChunkSeries> select(List<Matcher> matchers, long minMs, long maxMs, int seriesMax)
      throws IOException {
    return reading(() -> query().select(matchers, minMs, maxMs, seriesMax));
  }

  /** Label names of the series that {@link #select} has, sorted. */
  public List<String> labelNames(List<Matcher> matchers, long minMs, long maxMs)
      throws IOException {
    return reading(() -> query().labelNames(matchers, minMs, maxMs));
  }

  /** Values of a label in the series that {@link #select} has, sorted. */
  public List<String> labelValues(String name, List<Matcher> matchers, long minMs, long maxMs)
      throws IOException {
    return reading(() -> query().labelValues(name, matchers, minMs, maxMs));
  }

  @Override
  public Iterator<String> symbols() throws IOException {
    return guarded(reading(index::symbols));
  }

  @Override
  public Iterator<ChunkSeries> series() throws IOException {
    return guarded(reading(() -> query().all()));
  }

  /** The same elements; a fault in mapped memory is an error of this block. */
  private <T> Iterator<T> guarded(Iterator<T> elements) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return elements.hasNext();
      }

      @Override
      public T next() {
        try {
          return elements.next();
        } catch (InternalError e) {
          throw new UncheckedIOException(MappedFile.unreadable(directory, e));
        }
      }
    };
  }

  /**
   * What deleting the samples in [minMs, maxMs], both included, of all series that fulfil the
   * matchers adds to the tombstones: ranges no longer than the series are.
   */
  public Tombstones tombstonesOf(List<Matcher> matchers, long minMs, long maxMs)
      throws IOException {
    return reading(() -> query().tombstonesOf(matchers, minMs, maxMs));
  }

  /** Deletes the samples that {@link #tombstonesOf} names, beside what is deleted already. */
  public void delete(Disk disk, List<Matcher> matchers, long minMs, long maxMs) throws IOException {
    Tombstones more = tombstonesOf(matchers, minMs, maxMs);
    deleting.lock();
    try {
      replaceTombstones(disk, state.tombstones.with(more));
    } finally {
      deleting.unlock();
    }
  }

  /**
   * Replaces the tombstones: on disk for good, then for whoever reads from now on. The count in
   * meta.json follows; a crash between the two leaves it behind, which nothing believes: {@link
   * #meta} has the count of what is there.
   */
  public void replaceTombstones(Disk disk, Tombstones tombstones) throws IOException {
    deleting.lock();
    try {
      BlockMeta meta = state.meta.withTombstones(tombstones.count());
      replace(disk, BlockFormat.TOMBSTONES, file -> tombstones.write(disk, file));
      state = new Deletable(meta, tombstones);
      replace(disk, BlockFormat.META, file -> BlockWriter.writeMeta(disk, file, meta));
    } finally {
      deleting.unlock();
    }
  }

  /** Writes a new file. */
  private interface FileWrite {
    void to(Path file) throws IOException;
  }

  private void replace(Disk disk, String name, FileWrite write) throws IOException {
    Path replacement = directory.resolve(name + BlockFormat.REPLACEMENT);
    disk.delete(replacement);
    write.to(replacement);
    disk.rename(replacement, directory.resolve(name));
    disk.forceDirectory(directory);
  }

  @Override
  public String toString() {
    return "block " + meta().ulid() + " [" + meta().minMs() + ", " + meta().endMs() + ")";
  }
}
