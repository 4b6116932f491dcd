package io.rafttsdb.storage.index;

import io.rafttsdb.storage.file.ReadAhead;
import io.rafttsdb.storage.file.ReadableFile;
import io.rafttsdb.storage.model.CorruptFile;
import io.rafttsdb.storage.model.Labels;
import java.io.IOException;

/**
 * Checks a whole index file: symbols sorted and unique, every series entry, their order, the list
 * of all series, and that the postings are exactly the series' labels. The first problem is thrown.
 * Memory: about twenty bytes a different label, eight a series, and what {@link IndexWriter} needs
 * for postings. For one thread.
 */
public final class IndexVerifier {

  private static final byte[] EMPTY = {};

  private final ReadableFile file;
  private final Toc toc;
  private final SymbolTable symbols;
  private final PostingsTable table;
  private final LabelPairs pairs = new LabelPairs();

  IndexVerifier(ReadableFile file, Toc toc, SymbolTable symbols, PostingsTable table) {
    this.file = file;
    this.toc = toc;
    this.symbols = symbols;
    this.table = table;
  }

  /** Is told every series in order: the one on which the cursor stands. */
  public interface SeriesVisitor {
    void series(SeriesCursor cursor) throws IOException;
  }

  /**
   * Checks a file.
   *
   * @return how many series it has
   * @throws CorruptFile on the first problem
   */
  public static long verify(ReadableFile file, SeriesVisitor visitor) throws IOException {
    return IndexReader.open(file).verifier().verify(visitor);
  }

  private long verify(SeriesVisitor visitor) throws IOException {
    symbols.checkOrder();
    PostingsTable.Walk entries = table.new Walk();
    ReadableFile lists = new ReadAhead(file);
    Refs all = postingsOf(entries, lists, EMPTY, EMPTY);
    int seriesCount = checkSeries(all, visitor);
    pairs.order();
    pairs.postings(
        this::scan,
        Math.max(IndexWriter.POSTINGS_IDS_MIN, seriesCount),
        (pair, ids, start, end) -> checkPostings(entries, lists, pair, ids, start, end));
    if (entries.next()) {
      throw new CorruptFile(
          file.path(), entries.place(), "the end of the labels", "an entry of " + entries);
    }
    return seriesCount;
  }

  /** The series of the next entry of the table, which must be that of a label. */
  private Refs postingsOf(PostingsTable.Walk entries, ReadableFile lists, byte[] name, byte[] value)
      throws IOException {
    boolean isThere = entries.next();
    if (!isThere || !entries.is(name, value)) {
      throw new CorruptFile(
          file.path(),
          entries.place(),
          "an entry of " + PostingsTable.text(name, value),
          isThere ? entries.toString() : "the end");
    }
    return IndexReader.postings(lists, toc, entries.postings());
  }

  private int checkSeries(Refs all, SeriesVisitor visitor) throws IOException {
    SeriesScanner scanner = new SeriesScanner(file, toc.series(), toc.seriesEnd());
    SeriesCursor cursor = new SeriesCursor(new ReadAhead(file), toc, symbols);
    Labels previous = null;
    int count = 0;
    while (scanner.next()) {
      long id = Integer.toUnsignedLong(scanner.id());
      if (count == all.count() || all.get(count) != id) {
        throw new CorruptFile(
            file.path(),
            toc.postings(),
            "series " + id + " in the list of all series at place " + count,
            count == all.count() ? "its end" : "series " + all.get(count));
      }
      cursor.read(id);
      Labels labels = cursor.labels();
      if (previous != null && labels.compareTo(previous) <= 0) {
        throw new CorruptFile(
            file.path(),
            id * IndexFormat.SERIES_ALIGNMENT,
            "a series after " + previous,
            labels.toString());
      }
      previous = labels;
      for (int i = 0; i < cursor.labelCount(); i++) {
        pairs.add(cursor.nameSymbol(i), cursor.valueSymbol(i));
      }
      visitor.series(cursor);
      count++;
    }
    if (count != all.count()) {
      throw new CorruptFile(
          file.path(), toc.seriesEnd(), all.count() + " series", count + " series");
    }
    return count;
  }

  private void scan(LabelPairs.SeriesVisitor visitor) throws IOException {
    SeriesScanner scanner = new SeriesScanner(file, toc.series(), toc.seriesEnd());
    while (scanner.next()) {
      for (int i = 0; i < scanner.labelCount(); i++) {
        visitor.label(scanner.id(), scanner.name(i), scanner.value(i));
      }
    }
  }

  private void checkPostings(
      PostingsTable.Walk entries, ReadableFile lists, int pair, int[] ids, int start, int end)
      throws IOException {
    Refs found =
        postingsOf(
            entries, lists, symbols.symbol(pairs.name(pair)), symbols.symbol(pairs.value(pair)));
    boolean isEqual = found.count() == end - start;
    for (int i = 0; isEqual && i < found.count(); i++) {
      isEqual = found.get(i) == Integer.toUnsignedLong(ids[start + i]);
    }
    if (!isEqual) {
      throw new CorruptFile(
          file.path(),
          entries.postings(),
          "the " + (end - start) + " series with " + entries,
          found.count() + " series, not the same");
    }
  }
}
