package io.rafttsdb.storage.index;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rafttsdb.storage.file.FileScanner;
import io.rafttsdb.storage.file.ReadableFile;
import io.rafttsdb.storage.model.CorruptFile;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Matcher;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * An index file of Prometheus's version 2. In memory are the label names, the place of every eighth
 * symbol and of every 32nd label; the rest is read when it is asked for. On any thread, while the
 * file is open.
 */
public final class IndexReader {

  private static final int POSTINGS_WINDOW_BYTES = 8 << 10;

  private final ReadableFile file;
  private final Toc toc;
  private final SymbolTable symbols;
  private final PostingsTable table;

  private IndexReader(ReadableFile file, Toc toc, SymbolTable symbols, PostingsTable table) {
    this.file = file;
    this.toc = toc;
    this.symbols = symbols;
    this.table = table;
  }

  /**
   * Opens an index: header, contents, symbols and the postings offset table are checked at once,
   * series and postings when they are read.
   */
  public static IndexReader open(ReadableFile file) throws IOException {
    Toc toc = Toc.read(file);
    return new IndexReader(
        file,
        toc,
        SymbolTable.read(file, toc.symbols()),
        PostingsTable.read(file, toc.postingsTable()));
  }

  /** Length of the file. */
  public long sizeBytes() {
    return file.sizeBytes();
  }

  /** All symbols, sorted. What can't be read comes out as {@link UncheckedIOException}. */
  public Iterator<String> symbols() throws IOException {
    return symbols.iterator();
  }

  /** A symbol by its number, below the count. */
  public String symbol(int ordinal) throws IOException {
    return new String(symbols.symbol(ordinal), UTF_8);
  }

  /** A new reader of series. */
  public SeriesCursor cursor() {
    return new SeriesCursor(file, toc, symbols);
  }

  /** The ids of all series, ascending, which is the order of their labels. */
  public Refs all() throws IOException {
    return postings("", "");
  }

  /** The ids of the series that fulfil all matchers, ascending. */
  public Refs select(List<Matcher> matchers) throws IOException {
    try {
      return new IndexQuery(new Source(cursor())).select(matchers);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** All label names, sorted. */
  public List<String> labelNames() {
    return table.names().stream().filter(name -> !name.isEmpty()).toList();
  }

  /** All values of a label, sorted. */
  public List<String> labelValues(String name) throws IOException {
    List<String> values = new ArrayList<>();
    if (!name.isEmpty()) {
      table.forEach(name, "", (value, postings) -> values.add(new String(value, UTF_8)));
    }
    return values;
  }

  /** Goes over everything that {@link #open} left unchecked. For the scrubber. */
  IndexVerifier verifier() {
    return new IndexVerifier(file, toc, symbols, table);
  }

  private Refs postings(String name, String value) throws IOException {
    long place = table.postings(name, value);
    return place == PostingsTable.NONE ? Refs.NONE : postings(place);
  }

  private Refs postings(long place) throws IOException {
    return postings(file, toc, place);
  }

  /** The list of postings at a place. */
  static Refs postings(ReadableFile file, Toc toc, long place) throws IOException {
    if (place < toc.postings() || place >= toc.postingsEnd()) {
      throw new CorruptFile(
          file.path(),
          toc.postingsTable(),
          "postings between " + toc.postings() + " and " + toc.postingsEnd(),
          "place " + place);
    }
    FileScanner in = new FileScanner(file, place, toc.postingsEnd(), POSTINGS_WINDOW_BYTES);
    long length = in.uint32();
    in.startChecksum();
    long count = in.uint32();
    long sizeBytes = Integer.BYTES * (count + 1);
    if (length != sizeBytes || sizeBytes > in.remaining() || count > Integer.MAX_VALUE - 8) {
      throw in.corrupt(
          length + " bytes of postings, " + in.remaining() + " being left", count + " postings");
    }
    long[] ids = new long[(int) count];
    long previous = -1;
    for (int i = 0; i < ids.length; i++) {
      ids[i] = in.uint32();
      if (ids[i] <= previous) {
        throw in.corrupt("ascending series ids", ids[i] + " after " + previous);
      }
      previous = ids[i];
    }
    in.checkChecksum("postings");
    return new Refs(ids, ids.length);
  }

  /** This index as a query sees it. For one query. */
  private final class Source implements PostingsSource {
    private final SeriesCursor cursor;

    Source(SeriesCursor cursor) {
      this.cursor = cursor;
    }

    @Override
    public Refs all() {
      return series("", "");
    }

    @Override
    public Refs series(String name, String value) {
      try {
        return postings(name, value);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public Refs series(String name, ValueTest test) {
      List<Refs> matching = new ArrayList<>();
      try {
        table.forEach(
            name,
            test.commonPrefix(),
            (value, place) -> {
              if (test.accepts(new String(value, UTF_8))) {
                matching.add(postings(place));
              }
              return true;
            });
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return Refs.union(matching);
    }

    @Override
    public int valueCount(String name) {
      return table.valueCount(name);
    }

    @Override
    public Labels labelsOf(long ref) {
      try {
        cursor.read(ref);
        return cursor.labels();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
