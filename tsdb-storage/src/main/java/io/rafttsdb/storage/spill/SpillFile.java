package io.rafttsdb.storage.spill;

import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.file.ChannelFile;
import io.rafttsdb.storage.file.FileScanner;
import io.rafttsdb.storage.file.MappedFile;
import io.rafttsdb.storage.file.ReadableFile;
import io.rafttsdb.storage.model.CorruptFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file of full chunks as readers see it: as far as it was forced. It is mapped whole once it
 * ended; while it grows, it is mapped anew from time to time, and what came after the last time is
 * read by system calls. All mappings live in one arena.
 *
 * <p>Published by one thread at a time, read on any thread, until {@link #unmap}.
 */
final class SpillFile {

  /** Copied at once: most records are smaller. */
  private static final int WINDOW_BYTES = 512;

  /** A growing file is mapped anew when a fifth of it would not be mapped. */
  private static final int UNMAPPED_PART = 4;

  private final Path path;
  private final int number;
  private final long mapStepBytes;
  private final Arena arena = Arena.ofShared();
  private volatile View view = new View(0, 0, null);

  /**
   * What can be read.
   *
   * @param readableBytes length up to which it can be read; a record ends there
   * @param mappedBytes length up to which the mapping may be used; a record ends there
   */
  private record View(long readableBytes, long mappedBytes, @Nullable MappedFile mapped) {}

  /**
   * @param mapStepBytes least growth after which a growing file is mapped anew
   */
  SpillFile(Path path, int number, long mapStepBytes) {
    this.path = path;
    this.number = number;
    this.mapStepBytes = mapStepBytes;
  }

  Path path() {
    return path;
  }

  int number() {
    return number;
  }

  /** Length up to which it can be read, in bytes. */
  long readableBytes() {
    return view.readableBytes;
  }

  /** More of it was forced. */
  void grown(long forcedBytes) throws IOException {
    View before = view;
    long unmapped = forcedBytes - before.mappedBytes;
    if (unmapped > Math.max(mapStepBytes, before.mappedBytes / UNMAPPED_PART)) {
      ended(forcedBytes);
    } else {
      view = new View(forcedBytes, before.mappedBytes, before.mapped);
    }
  }

  /** It was forced so far, and is mapped so far; by its name it is not read any more. */
  void ended(long sizeBytes) throws IOException {
    MappedFile mapped = MappedFile.map(path, arena);
    mapped.checkRange(0, sizeBytes);
    view = new View(sizeBytes, sizeBytes, mapped);
  }

  /** Nobody reads it any more. All threads of the process stop for a moment. */
  void unmap() {
    arena.close();
  }

  /** Copies a chunk out and checks it. */
  SpilledChunk read(long offset) throws IOException {
    View present = view;
    if (offset < SpillFormat.HEADER_BYTES || offset >= present.readableBytes) {
      throw new CorruptFile(
          path, offset, "a chunk", "a file that can be read up to " + present.readableBytes);
    }
    return offset < present.mappedBytes
        ? readMapped(present, offset)
        : readUnmapped(present, offset);
  }

  /**
   * Reads by the file's name, which is this file's as long as it grows. Where it was mapped
   * meanwhile, it may have ended too, and the name be gone or another file's: then what was read,
   * or could not be, does not count.
   */
  private SpilledChunk readUnmapped(View present, long offset) throws IOException {
    try (ChannelFile file = ChannelFile.open(path, bytes -> {})) {
      SpilledChunk found = read(file, offset, present.readableBytes);
      View after = view;
      return offset < after.mappedBytes ? readMapped(after, offset) : found;
    } catch (IOException e) {
      View after = view;
      if (offset < after.mappedBytes) {
        return readMapped(after, offset);
      }
      throw e;
    }
  }

  private SpilledChunk readMapped(View present, long offset) throws IOException {
    try {
      return read(Objects.requireNonNull(present.mapped), offset, present.mappedBytes);
    } catch (InternalError e) {
      throw MappedFile.unreadable(path, e);
    }
  }

  private SpilledChunk read(ReadableFile file, long offset, long end) throws IOException {
    FileScanner in = new FileScanner(file, offset, end, WINDOW_BYTES);
    return switch (SpillRecord.read(in)) {
      case SpillRecord.OfChunk(long seriesRef, Chunk chunk) ->
          new SpilledChunk(SpillPlace.of(number, offset), seriesRef, chunk);
      case SpillRecord.Mark mark -> throw new CorruptFile(path, offset, "a chunk", "mark " + mark);
    };
  }
}
