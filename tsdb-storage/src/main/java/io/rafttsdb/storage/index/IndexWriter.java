package io.rafttsdb.storage.index;

import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.file.DiskOutput;
import io.rafttsdb.storage.file.MappedFile;
import io.rafttsdb.storage.file.ReadableFile;
import io.rafttsdb.storage.model.Labels;
import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;

/**
 * Writes an index file of Prometheus's version 2, without the label indices that nobody reads any
 * more: symbols first, then the series in order, then the rest at once.
 *
 * <p>In memory are four bytes a symbol, about twenty a different label, and, while postings are
 * written, at most {@link #POSTINGS_IDS_MIN} ids or as many as there are series, whichever is more.
 * What was written before is read back from the file. For one thread.
 */
public final class IndexWriter implements Closeable {

  /** Ids of series that are kept in memory at a time, at least. */
  static final int POSTINGS_IDS_MIN = 1 << 22;

  private final Path path;
  private final DiskOutput out;
  private final Arena arena = Arena.ofShared();
  private final WrittenSymbols symbols = new WrittenSymbols();
  private final LabelPairs pairs = new LabelPairs();
  private final SeriesEntry entry = new SeriesEntry();
  private long seriesStart;
  private long seriesCount;
  private Labels previousLabels = Labels.EMPTY;
  private long previousRef = -1;

  public IndexWriter(Disk disk, Path path) throws IOException {
    this.path = path;
    this.out = new DiskOutput(disk.create(path));
    out.putInt(IndexFormat.MAGIC);
    out.putByte(IndexFormat.VERSION);
  }

  /**
   * All label names and values, sorted bytewise, each once, the empty string among them or not.
   * First of all, once.
   */
  public void symbols(Iterator<String> sorted) throws IOException {
    if (seriesStart != 0) {
      throw new IllegalStateException(path + ": symbols were written before");
    }
    symbols.write(out, sorted);
    symbols.checksum(out, MappedFile.map(path, arena));
    seriesStart = out.position();
  }

  /**
   * The next series.
   *
   * @param labels after those of the series before
   * @param chunks at least one, each after the end of the one before, with ascending refs
   */
  public void series(Labels labels, List<ChunkMeta> chunks) throws IOException {
    checkSeries(labels, chunks);
    out.align(IndexFormat.SERIES_ALIGNMENT);
    if (out.position() >= IndexFormat.FILE_BYTES_MAX) {
      throw new IOException(path + ": more than 64 GiB of series");
    }
    entry.clear();
    putLabels(labels);
    putChunks(chunks);
    out.putUvarint(entry.length());
    out.startChecksum();
    out.putBytes(entry.bytes(), 0, entry.length());
    out.putChecksum();
    previousLabels = labels;
    seriesCount++;
  }

  private void checkSeries(Labels labels, List<ChunkMeta> chunks) {
    if (seriesStart == 0) {
      throw new IllegalStateException(path + ": a series before the symbols");
    }
    if (seriesCount > 0 && labels.compareTo(previousLabels) <= 0) {
      throw new IllegalArgumentException(
          "series " + labels + " after " + previousLabels + ": expected ascending order");
    }
    if (chunks.isEmpty()) {
      throw new IllegalArgumentException("series " + labels + " without chunks");
    }
    for (int i = 1; i < chunks.size(); i++) {
      if (chunks.get(i).minMs() <= chunks.get(i - 1).maxMs()) {
        throw new IllegalArgumentException(
            "series "
                + labels
                + ": chunk "
                + chunks.get(i)
                + " begins before the end of "
                + chunks.get(i - 1));
      }
    }
  }

  private void putLabels(Labels labels) throws IOException {
    byte[] canonical = labels.canonical();
    entry.putUvarint(labels.count());
    for (int at = 0; at < canonical.length; ) {
      int nameStart = stringStart(canonical, at);
      int nameEnd = nameStart + stringLength(canonical, at);
      int valueStart = stringStart(canonical, nameEnd);
      int valueEnd = valueStart + stringLength(canonical, nameEnd);
      int name = ordinal(labels, nameStart, nameEnd);
      int value = ordinal(labels, valueStart, valueEnd);
      entry.putUvarint(name);
      entry.putUvarint(value);
      pairs.add(name, value);
      at = valueEnd;
    }
  }

  private int ordinal(Labels labels, int start, int end) throws IOException {
    int ordinal = symbols.ordinal(labels.canonical(), start, end);
    if (ordinal < 0) {
      throw new IllegalArgumentException(
          "series " + labels + " has a name or value that is not among the symbols");
    }
    return ordinal;
  }

  private static int stringStart(byte[] canonical, int at) {
    int start = at;
    while (canonical[start] < 0) {
      start++;
    }
    return start + 1;
  }

  private static int stringLength(byte[] canonical, int at) {
    int length = 0;
    for (int i = at, shift = 0; ; i++, shift += 7) {
      length |= (canonical[i] & 0x7f) << shift;
      if (canonical[i] >= 0) {
        return length;
      }
    }
  }

  private void putChunks(List<ChunkMeta> chunks) {
    entry.putUvarint(chunks.size());
    long endMs = 0;
    long ref = 0;
    for (int i = 0; i < chunks.size(); i++) {
      ChunkMeta chunk = chunks.get(i);
      if (chunk.ref() <= previousRef) {
        throw new IllegalArgumentException(
            "chunk " + chunk + " after ref " + previousRef + ": expected ascending order");
      }
      if (i == 0) {
        entry.putZigzag(chunk.minMs());
      } else {
        entry.putUvarint(chunk.minMs() - endMs);
      }
      entry.putUvarint(chunk.maxMs() - chunk.minMs());
      if (i == 0) {
        entry.putUvarint(chunk.ref());
      } else {
        entry.putZigzag(chunk.ref() - ref);
      }
      endMs = chunk.maxMs();
      ref = chunk.ref();
      previousRef = ref;
    }
  }

  /** Writes what is found out from the series, and makes the file last. */
  public void finish() throws IOException {
    if (seriesStart == 0) {
      throw new IllegalStateException(path + ": no symbols were written");
    }
    long seriesEnd = out.position();
    out.flush();
    pairs.order();
    try (Arena mapping = Arena.ofShared()) {
      ReadableFile written = MappedFile.map(path, mapping);
      out.align(IndexFormat.POSTINGS_ALIGNMENT);
      long postingsStart = out.position();
      putAllPostings(written, seriesEnd);
      pairs.postings(
          visitor -> scan(written, seriesEnd, visitor),
          Math.max(POSTINGS_IDS_MIN, seriesCount),
          (pair, ids, start, end) -> putPostings(ids, start, end));
      long tableStart = out.position();
      putPostingsTable(postingsStart);
      putToc(postingsStart, tableStart);
    }
    out.force();
  }

  private void scan(ReadableFile written, long seriesEnd, LabelPairs.SeriesVisitor visitor)
      throws IOException {
    SeriesScanner scanner = new SeriesScanner(written, seriesStart, seriesEnd);
    while (scanner.next()) {
      for (int i = 0; i < scanner.labelCount(); i++) {
        visitor.label(scanner.id(), scanner.name(i), scanner.value(i));
      }
    }
  }

  private void putAllPostings(ReadableFile written, long seriesEnd) throws IOException {
    startPostings(seriesCount);
    SeriesScanner scanner = new SeriesScanner(written, seriesStart, seriesEnd);
    while (scanner.next()) {
      out.putInt(scanner.id());
    }
    out.putChecksum();
  }

  private void putPostings(int[] ids, int start, int end) throws IOException {
    startPostings(end - start);
    for (int i = start; i < end; i++) {
      out.putInt(ids[i]);
    }
    out.putChecksum();
  }

  private void startPostings(long count) throws IOException {
    out.putInt(sectionLength(Integer.BYTES * (count + 1)));
    out.startChecksum();
    out.putInt((int) count);
  }

  private void putPostingsTable(long postingsStart) throws IOException {
    long start = out.position();
    out.putInt(0);
    out.startChecksum();
    out.putInt(pairs.size() + 1);
    long place = postingsStart;
    putTableEntry(new byte[0], new byte[0], place);
    place += IndexFormat.POSTINGS_EXTRA_BYTES + Integer.BYTES * seriesCount;
    for (int pair = 0; pair < pairs.size(); pair++) {
      putTableEntry(symbols.symbol(pairs.name(pair)), symbols.symbol(pairs.value(pair)), place);
      place += IndexFormat.POSTINGS_EXTRA_BYTES + (long) Integer.BYTES * pairs.count(pair);
    }
    if (place != start) {
      throw new IllegalStateException(path + ": postings end at " + start + ", expected " + place);
    }
    long end = out.position();
    if (end > IndexFormat.FILE_BYTES_MAX) {
      throw new IOException(path + ": an index of more than 64 GiB");
    }
    out.putChecksum();
    out.flush();
    out.overwrite(start, WrittenSymbols.bigEndian(sectionLength(end - start - Integer.BYTES)));
  }

  private void putTableEntry(byte[] name, byte[] value, long place) throws IOException {
    out.putByte(IndexFormat.POSTINGS_KEY_STRINGS);
    out.putUvarint(name.length);
    out.putBytes(name);
    out.putUvarint(value.length);
    out.putBytes(value);
    out.putUvarint(place);
  }

  private void putToc(long postingsStart, long tableStart) throws IOException {
    out.startChecksum();
    out.putLong(IndexFormat.HEADER_BYTES);
    out.putLong(seriesStart);
    out.putLong(0);
    out.putLong(0);
    out.putLong(postingsStart);
    out.putLong(tableStart);
    out.putChecksum();
  }

  /** A length as four bytes hold it. */
  static int sectionLength(long length) throws IOException {
    if (length > IndexFormat.SECTION_BYTES_MAX) {
      throw new IOException("a part of an index of " + length + " bytes, expected less than 4 GiB");
    }
    return (int) length;
  }

  /** Lets go of the file, as far as it was written. */
  @Override
  public void close() throws IOException {
    if (arena.scope().isAlive()) {
      arena.close();
    }
    out.close();
  }
}
