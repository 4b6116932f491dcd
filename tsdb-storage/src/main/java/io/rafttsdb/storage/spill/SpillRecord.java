package io.rafttsdb.storage.spill;

import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.chunk.CorruptChunk;
import io.rafttsdb.storage.chunk.Encoding;
import io.rafttsdb.storage.file.DiskOutput;
import io.rafttsdb.storage.file.FileScanner;
import io.rafttsdb.storage.file.ReadableFile;
import io.rafttsdb.storage.model.CorruptFile;
import io.rafttsdb.storage.model.FormatTooNew;
import io.rafttsdb.storage.model.FormatTooOld;
import java.io.IOException;
import java.util.HexFormat;

/** What comes after a file's header, one after the other, and the header itself. */
sealed interface SpillRecord {

  /** A full chunk of a series. */
  record OfChunk(long seriesRef, Chunk chunk) implements SpillRecord {}

  /** A sign that everything before it in the file had been forced when it was written. */
  enum Mark implements SpillRecord {
    /** More follows. */
    FORCED(0),
    /** The file ends after it and is never written again. */
    END(1);

    private final long kind;

    Mark(long kind) {
      this.kind = kind;
    }
  }

  /** Writes the header of a file. */
  static void putHeader(DiskOutput out, int number) throws IOException {
    out.startChecksum();
    out.putInt(SpillFormat.MAGIC);
    out.putInt(SpillFormat.VERSION << 24);
    out.putInt(number);
    out.putChecksum();
  }

  /** Checks the header of a file. */
  static void checkHeader(ReadableFile file, int number) throws IOException {
    FileScanner in = new FileScanner(file, 0, file.sizeBytes(), SpillFormat.HEADER_BYTES);
    in.startChecksum();
    int magic = in.int32();
    if (magic != SpillFormat.MAGIC) {
      HexFormat hex = HexFormat.of();
      throw new CorruptFile(
          file.path(),
          0,
          "magic " + hex.toHexDigits(SpillFormat.MAGIC) + " of Head chunks",
          hex.toHexDigits(magic));
    }
    int version = in.uint8();
    if (version > SpillFormat.VERSION) {
      throw new FormatTooNew(file.path(), SpillFormat.VERSION_OFFSET, SpillFormat.VERSION, version);
    }
    if (version < SpillFormat.VERSION) {
      throw new FormatTooOld(file.path(), SpillFormat.VERSION_OFFSET, SpillFormat.VERSION, version);
    }
    for (int i = 0; i < 3; i++) {
      if (in.uint8() != 0) {
        throw in.corrupt("three zeros after the version", "something else");
      }
    }
    int found = in.int32();
    in.checkChecksum("a header");
    if (found != number) {
      throw new CorruptFile(
          file.path(),
          SpillFormat.VERSION_OFFSET + Integer.BYTES,
          "file number " + number,
          "number " + found);
    }
  }

  /** Writes a chunk. */
  static void put(DiskOutput out, long seriesRef, Chunk chunk) throws IOException {
    out.startChecksum();
    out.putLong(seriesRef);
    out.putLong(chunk.minMs());
    out.putLong(chunk.maxMs());
    out.putByte(chunk.encoding().code());
    out.putUvarint(chunk.data().length);
    out.putBytes(chunk.data());
    out.putChecksum();
  }

  /** Writes a mark. */
  static void put(DiskOutput out, Mark mark) throws IOException {
    long place = out.position();
    out.startChecksum();
    out.putLong(SpillFormat.MARK_REF);
    out.putLong(place);
    out.putLong(mark.kind);
    out.putByte(SpillFormat.MARK_ENCODING);
    out.putUvarint(0);
    out.putChecksum();
  }

  /**
   * Reads the next record.
   *
   * @throws CorruptFile where there is none, or a damaged one
   */
  static SpillRecord read(FileScanner in) throws IOException {
    long start = in.position();
    in.startChecksum();
    long seriesRef = int64(in);
    long minMs = int64(in);
    long maxMs = int64(in);
    int encoding = in.uint8();
    int length = in.length("a chunk");
    if (length > SpillFormat.CHUNK_BYTES_MAX) {
      throw in.corrupt("a chunk of at most " + SpillFormat.CHUNK_BYTES_MAX + " bytes", "" + length);
    }
    byte[] data = in.bytes(length);
    in.checkChecksum("a record");
    if (seriesRef == SpillFormat.MARK_REF) {
      return mark(in, start, minMs, maxMs, encoding, length);
    }
    try {
      return new OfChunk(seriesRef, new Chunk(Encoding.of(encoding), minMs, maxMs, data));
    } catch (CorruptChunk | IllegalArgumentException e) {
      throw in.corrupt("a chunk in the record at " + start, e.toString());
    }
  }

  private static Mark mark(
      FileScanner in, long start, long place, long kind, int encoding, int length)
      throws CorruptFile {
    if (place != start || encoding != SpillFormat.MARK_ENCODING || length != 0) {
      throw in.corrupt("a mark of offset " + start, "one of " + place);
    }
    for (Mark mark : Mark.values()) {
      if (mark.kind == kind) {
        return mark;
      }
    }
    throw in.corrupt("a mark of kind 0 or 1", "kind " + kind);
  }

  private static long int64(FileScanner in) throws IOException {
    return (long) in.int32() << Integer.SIZE | in.uint32();
  }
}
