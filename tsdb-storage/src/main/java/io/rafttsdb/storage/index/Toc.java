package io.rafttsdb.storage.index;

import io.rafttsdb.storage.file.FileBytes;
import io.rafttsdb.storage.file.ReadableFile;
import io.rafttsdb.storage.model.CorruptFile;
import io.rafttsdb.storage.model.FormatTooNew;
import io.rafttsdb.storage.model.FormatTooOld;
import java.io.IOException;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * Where the parts of an index file are.
 *
 * @param series of the first series entry, and perhaps zeros before it
 * @param seriesEnd of what follows the series
 * @param postingsEnd of what follows the postings
 */
record Toc(
    long symbols,
    long series,
    long seriesEnd,
    long postings,
    long postingsEnd,
    long postingsTable) {

  /** Reads header and table of contents, and checks them. */
  static Toc read(ReadableFile file) throws IOException {
    checkHeader(file);
    long start = file.sizeBytes() - IndexFormat.TOC_BYTES;
    byte[] bytes = file.read(start, IndexFormat.TOC_BYTES);
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, bytes.length - Integer.BYTES);
    FileBytes in = new FileBytes(file.path(), start, bytes, 0, bytes.length);
    long symbols = in.int64();
    long series = in.int64();
    long labelIndices = in.int64();
    long labelTable = in.int64();
    long postings = in.int64();
    long postingsTable = in.int64();
    long crcPlace = in.fileOffset();
    int found = in.int32();
    if (found != (int) crc.getValue()) {
      throw new CorruptFile(
          file.path(),
          crcPlace,
          "checksum " + HexFormat.of().toHexDigits((int) crc.getValue()) + " of the contents",
          HexFormat.of().toHexDigits(found));
    }
    long[] all = {symbols, series, labelIndices, labelTable, postings, postingsTable, start};
    for (long place : all) {
      if (place < 0 || place > start) {
        throw new CorruptFile(file.path(), start, "places in the file before " + start, "" + place);
      }
    }
    if (symbols < IndexFormat.HEADER_BYTES
        || series <= symbols
        || postings < series
        || postingsTable <= postings) {
      throw new CorruptFile(
          file.path(),
          start,
          "symbols, series, postings and their table in this order",
          "them at " + symbols + ", " + series + ", " + postings + ", " + postingsTable);
    }
    return new Toc(
        symbols, series, next(series, all), postings, next(postings, all), postingsTable);
  }

  private static void checkHeader(ReadableFile file) throws IOException {
    if (file.sizeBytes() < IndexFormat.HEADER_BYTES + IndexFormat.TOC_BYTES) {
      throw new CorruptFile(
          file.path(),
          0,
          "an index of at least " + (IndexFormat.HEADER_BYTES + IndexFormat.TOC_BYTES) + " bytes",
          file.sizeBytes() + " bytes");
    }
    byte[] header = file.read(0, IndexFormat.HEADER_BYTES);
    FileBytes in = new FileBytes(file.path(), 0, header, 0, header.length);
    int magic = in.int32();
    if (magic != IndexFormat.MAGIC) {
      throw new CorruptFile(
          file.path(),
          0,
          "magic " + HexFormat.of().toHexDigits(IndexFormat.MAGIC) + " of an index",
          HexFormat.of().toHexDigits(magic));
    }
    int version = in.uint8();
    if (version > IndexFormat.VERSION) {
      throw new FormatTooNew(file.path(), IndexFormat.VERSION_OFFSET, IndexFormat.VERSION, version);
    }
    if (version < IndexFormat.VERSION) {
      throw new FormatTooOld(file.path(), IndexFormat.VERSION_OFFSET, IndexFormat.VERSION, version);
    }
  }

  private static long next(long place, long[] all) {
    long next = Long.MAX_VALUE;
    for (long other : all) {
      if (other > place) {
        next = Math.min(next, other);
      }
    }
    return next;
  }
}
