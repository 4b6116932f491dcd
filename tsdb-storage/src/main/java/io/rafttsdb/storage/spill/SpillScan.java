package io.rafttsdb.storage.spill;

import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.file.ChannelFile;
import io.rafttsdb.storage.file.FileScanner;
import io.rafttsdb.storage.file.ReadableFile;
import io.rafttsdb.storage.model.CorruptFile;
import io.rafttsdb.storage.spill.SpillRecord.Mark;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Reads files of full chunks from their start to their end, by system calls. On any thread. */
public final class SpillScan {

  private static final int SEARCH_BYTES = 64 << 10;

  private SpillScan() {}

  /**
   * What a file holds.
   *
   * @param goodBytes length up to which records are sound
   * @param chunkCount chunks among them
   * @param isEnded whether the last of them says that the file ends, and it does
   * @param damage why the next record is not sound; null where the file ends there
   */
  record Found(long goodBytes, long chunkCount, boolean isEnded, @Nullable CorruptFile damage) {}

  /**
   * Checks all of a file that ended, in a directory of Head chunks or a snapshot.
   *
   * @param beforeRead is told the bytes of each read before it happens, and may make it wait
   * @param chunks takes the chunks, in order of their places
   * @throws CorruptFile where it is damaged or did not end; chunks before that place were handed on
   */
  public static void ended(Path path, LongConsumer beforeRead, Consumer<SpilledChunk> chunks)
      throws IOException {
    int number =
        SpillFormat.number(String.valueOf(path.getFileName()))
            .orElseThrow(() -> new IllegalArgumentException(path + " is no file of Head chunks"));
    try (ChannelFile file = ChannelFile.open(path, beforeRead)) {
      SpillRecord.checkHeader(file, number);
      Found found = records(file, number, chunks);
      if (found.damage != null) {
        throw found.damage;
      }
      if (!found.isEnded) {
        throw new CorruptFile(path, found.goodBytes, "a mark of the end", "the end");
      }
    }
  }

  /** Reads the records after a sound header, up to the first that is not sound. */
  static Found records(ReadableFile file, int number, Consumer<SpilledChunk> chunks)
      throws IOException {
    FileScanner in = new FileScanner(file, SpillFormat.HEADER_BYTES, file.sizeBytes());
    long chunkCount = 0;
    boolean isEnded = false;
    while (in.remaining() > 0) {
      long offset = in.position();
      if (isEnded) {
        CorruptFile more = in.corrupt("the end after its mark", in.remaining() + " bytes");
        return new Found(offset, chunkCount, false, more);
      }
      SpillRecord record;
      try {
        record = SpillRecord.read(in);
      } catch (CorruptFile e) {
        return new Found(offset, chunkCount, false, e);
      }
      switch (record) {
        case SpillRecord.OfChunk(long seriesRef, Chunk chunk) -> {
          chunkCount++;
          chunks.accept(new SpilledChunk(SpillPlace.of(number, offset), seriesRef, chunk));
        }
        case Mark mark -> isEnded = mark == Mark.END;
      }
    }
    return new Found(file.sizeBytes(), chunkCount, isEnded, null);
  }

  /** Whether a file bears the mark of its end there; what is before it is not looked at. */
  static boolean hasEnd(ReadableFile file) throws IOException {
    long place = file.sizeBytes() - SpillFormat.MARK_BYTES;
    return place >= SpillFormat.HEADER_BYTES && isMark(file, place, Mark.END);
  }

  private static boolean isMark(ReadableFile file, long place, Mark... marks) throws IOException {
    long end = Math.min(file.sizeBytes(), place + SpillFormat.MARK_BYTES);
    try {
      SpillRecord found = SpillRecord.read(new FileScanner(file, place, end));
      for (Mark mark : marks) {
        if (found == mark) {
          return true;
        }
      }
      return false;
    } catch (CorruptFile e) {
      return false;
    }
  }

  /**
   * Whether bytes from a place on had been forced: a mark behind it says so. Where the place of the
   * next record is not known, a mark is known by its own place in it and its checksum.
   */
  static boolean wasForcedBeyond(ReadableFile file, long place) throws IOException {
    byte[] window = new byte[SEARCH_BYTES];
    long start = place + 1;
    while (file.sizeBytes() - start >= SpillFormat.MARK_BYTES) {
      int length = (int) Math.min(window.length, file.sizeBytes() - start);
      file.read(start, window, 0, length);
      ByteBuffer bytes = ByteBuffer.wrap(window, 0, length);
      int candidates = length - SpillFormat.MARK_BYTES + 1;
      for (int i = 0; i < candidates; i++) {
        if (bytes.getLong(i) == SpillFormat.MARK_REF
            && bytes.getLong(i + Long.BYTES) == start + i
            && isMark(file, start + i, Mark.values())) {
          return true;
        }
      }
      start += candidates;
    }
    return false;
  }
}
