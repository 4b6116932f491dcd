package io.rafttsdb.storage.index;

import io.rafttsdb.storage.file.FileBytes;
import io.rafttsdb.storage.file.ReadableFile;
import io.rafttsdb.storage.model.CorruptFile;
import io.rafttsdb.storage.model.Labels;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Reads series entries of an index file, one at a time, each checked. For one thread, which holds
 * the file open meanwhile.
 */
public final class SeriesCursor {

  /** Entries are smaller, so that a damaged length takes no memory. */
  static final int ENTRY_BYTES_MAX = 64 << 20;

  private static final int CACHE_SLOTS = 1 << 10;

  private final ReadableFile file;
  private final Toc toc;
  private final SymbolTable symbols;
  private final CRC32C crc = new CRC32C();
  private final byte[][] cachedSymbols = new byte[CACHE_SLOTS][];
  private final int[] cachedOrdinals = new int[CACHE_SLOTS];
  private byte[] bytes = new byte[1 << 9];
  private long id;
  private int labelCount;
  private int[] ordinals = new int[64];
  private int chunkCount;
  private long[] chunks = new long[3 * 64];

  SeriesCursor(ReadableFile file, Toc toc, SymbolTable symbols) {
    this.file = file;
    this.toc = toc;
    this.symbols = symbols;
    Arrays.fill(cachedOrdinals, -1);
  }

  /** Reads the series of an id. */
  public void read(long seriesId) throws IOException {
    long offset = seriesId * IndexFormat.SERIES_ALIGNMENT;
    if (seriesId < 0 || offset < toc.series() || offset >= toc.seriesEnd()) {
      throw new CorruptFile(
          file.path(),
          offset,
          "a series between " + toc.series() + " and " + toc.seriesEnd(),
          "series id " + seriesId);
    }
    id = seriesId;
    FileBytes in = body(offset);
    readLabels(in);
    readChunks(in);
    if (in.remaining() > 0) {
      throw in.corrupt("the end of a series entry", in.remaining() + " bytes");
    }
  }

  /** Copies an entry and checks its checksum. */
  private FileBytes body(long offset) throws IOException {
    int ahead = (int) Math.min(bytes.length, toc.seriesEnd() - offset);
    file.read(offset, bytes, 0, ahead);
    FileBytes in = new FileBytes(file.path(), offset, bytes, 0, ahead);
    int length = in.uvarint(ENTRY_BYTES_MAX, "a series entry");
    int start = in.position();
    int size = start + length + Integer.BYTES;
    if (size > toc.seriesEnd() - offset) {
      throw in.corrupt("a series entry before " + toc.seriesEnd(), length + " bytes");
    }
    if (size > ahead) {
      bytes = Arrays.copyOf(bytes, Math.max(size, bytes.length * 2));
      file.read(offset, bytes, 0, size);
    }
    crc.reset();
    crc.update(bytes, start, length);
    FileBytes sum =
        new FileBytes(file.path(), offset + start + length, bytes, start + length, size);
    int found = sum.int32();
    if (found != (int) crc.getValue()) {
      throw new CorruptFile(
          file.path(),
          offset + start + length,
          "checksum " + HexFormat.of().toHexDigits((int) crc.getValue()) + " of a series entry",
          HexFormat.of().toHexDigits(found));
    }
    return new FileBytes(file.path(), offset + start, bytes, start, start + length);
  }

  private void readLabels(FileBytes in) throws CorruptFile {
    labelCount = in.uvarint(in.remaining() / 2, "a count of labels");
    if (ordinals.length < 2 * labelCount) {
      ordinals = new int[2 * labelCount];
    }
    for (int i = 0; i < 2 * labelCount; i++) {
      ordinals[i] = in.uvarint(symbols.count() - 1, "a symbol number");
      if (i % 2 == 0 && i > 0 && ordinals[i] <= ordinals[i - 2]) {
        throw in.corrupt("label names in order", ordinals[i] + " after " + ordinals[i - 2]);
      }
    }
  }

  private void readChunks(FileBytes in) throws CorruptFile {
    chunkCount = in.uvarint(in.remaining() / 3, "a count of chunks");
    if (chunks.length < 3 * chunkCount) {
      chunks = new long[3 * chunkCount];
    }
    long ref = 0;
    long endMs = 0;
    for (int i = 0; i < chunkCount; i++) {
      long minMs = i == 0 ? in.zigzag() : endMs + in.uvarint();
      long maxMs = minMs + in.uvarint();
      ref = i == 0 ? in.uvarint() : ref + in.zigzag();
      if (maxMs < minMs || (i > 0 && minMs <= endMs)) {
        throw in.corrupt(
            "chunks in order of time", "[" + minMs + ", " + maxMs + "] after " + endMs);
      }
      chunks[3 * i] = minMs;
      chunks[3 * i + 1] = maxMs;
      chunks[3 * i + 2] = ref;
      endMs = maxMs;
    }
  }

  /** Id of the series that was read. */
  public long id() {
    return id;
  }

  /** Where its entry is in the index file. */
  public long fileOffset() {
    return id * IndexFormat.SERIES_ALIGNMENT;
  }

  /** Its labels. */
  public Labels labels() throws IOException {
    int length = 0;
    for (int i = 0; i < 2 * labelCount; i++) {
      length += symbol(ordinals[i]).length;
    }
    byte[] canonical = new byte[length];
    int at = 0;
    for (int i = 0; i < 2 * labelCount; i++) {
      byte[] symbol = symbol(ordinals[i]);
      System.arraycopy(symbol, 0, canonical, at, symbol.length);
      at += symbol.length;
    }
    try {
      return Labels.fromCanonical(canonical);
    } catch (IllegalArgumentException e) {
      throw new CorruptFile(file.path(), fileOffset(), "a label set", e.toString());
    }
  }

  /** A symbol with its length before it, which is its form in a label set too. */
  private byte[] symbol(int ordinal) throws IOException {
    int slot = ordinal & CACHE_SLOTS - 1;
    byte[] cached = cachedSymbols[slot];
    if (cached != null && cachedOrdinals[slot] == ordinal) {
      return cached;
    }
    byte[] symbol = symbols.entry(ordinal);
    cachedSymbols[slot] = symbol;
    cachedOrdinals[slot] = ordinal;
    return symbol;
  }

  /** How many labels it has. */
  public int labelCount() {
    return labelCount;
  }

  /** Number of the symbol that is its i-th label's name; symbols are sorted. */
  public int nameSymbol(int i) {
    return ordinals[2 * i];
  }

  /** Number of the symbol that is its i-th label's value. */
  public int valueSymbol(int i) {
    return ordinals[2 * i + 1];
  }

  /** How many chunks it has. */
  public int chunkCount() {
    return chunkCount;
  }

  /** Its i-th chunk in order of time. */
  public ChunkMeta chunk(int i) {
    return new ChunkMeta(chunks[3 * i], chunks[3 * i + 1], chunks[3 * i + 2]);
  }

  /** First timestamp of its i-th chunk. */
  public long chunkMinMs(int i) {
    return chunks[3 * i];
  }

  /** Last timestamp of its i-th chunk. */
  public long chunkMaxMs(int i) {
    return chunks[3 * i + 1];
  }

  /** Its chunks that have a time of [minMs, maxMs] between their first and last sample. */
  public List<ChunkMeta> chunks(long minMs, long maxMs) {
    List<ChunkMeta> found = new ArrayList<>();
    for (int i = 0; i < chunkCount; i++) {
      if (chunkMinMs(i) <= maxMs && minMs <= chunkMaxMs(i)) {
        found.add(chunk(i));
      }
    }
    return found;
  }
}
