package io.rafttsdb.storage.block;

import io.rafttsdb.storage.block.Intervals.Interval;
import io.rafttsdb.storage.index.ChunkMeta;
import io.rafttsdb.storage.index.IndexReader;
import io.rafttsdb.storage.index.Refs;
import io.rafttsdb.storage.index.SeriesCursor;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.LimitExceeded;
import io.rafttsdb.storage.model.Matcher;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.SortedMap;
import java.util.TreeMap;

/** One query of one block, with the tombstones that it began with. For one thread. */
final class BlockQuery {

  private final Path directory;
  private final BlockMeta meta;
  private final IndexReader index;
  private final SegmentReader segments;
  private final Tombstones tombstones;
  private final SeriesCursor cursor;

  BlockQuery(
      Path directory,
      BlockMeta meta,
      IndexReader index,
      SegmentReader segments,
      Tombstones tombstones) {
    this.directory = directory;
    this.meta = meta;
    this.index = index;
    this.segments = segments;
    this.tombstones = tombstones;
    this.cursor = index.cursor();
  }

  /** Is told the series on which the cursor stands, and what is deleted of it. */
  private interface SeriesVisitor {
    void series(Intervals deleted) throws IOException;
  }

  private void forEach(List<Matcher> matchers, SeriesVisitor visitor) throws IOException {
    Refs found = index.select(matchers);
    for (int i = 0; i < found.count(); i++) {
      cursor.read(found.get(i));
      visitor.series(tombstones.of(found.get(i)));
    }
  }

  List<ChunkSeries> select(List<Matcher> matchers, long minMs, long maxMs, int seriesMax)
      throws IOException {
    List<ChunkSeries> result = new ArrayList<>();
    forEach(
        matchers,
        deleted -> {
          List<BlockChunk> chunks = chunks(deleted, minMs, maxMs);
          if (!chunks.isEmpty()) {
            if (result.size() == seriesMax) {
              throw new LimitExceeded(seriesMax);
            }
            result.add(new ChunkSeries(cursor.labels(), chunks, deleted));
          }
        });
    return result;
  }

  private List<BlockChunk> chunks(Intervals deleted, long minMs, long maxMs) {
    List<BlockChunk> chunks = new ArrayList<>();
    for (int i = 0; i < cursor.chunkCount(); i++) {
      if (isVisible(i, deleted, minMs, maxMs)) {
        chunks.add(new BlockChunk(directory, segments, cursor.chunk(i)));
      }
    }
    return chunks;
  }

  private boolean isVisible(int chunk, Intervals deleted, long minMs, long maxMs) {
    long startMs = Math.max(cursor.chunkMinMs(chunk), minMs);
    long lastMs = Math.min(cursor.chunkMaxMs(chunk), maxMs);
    return startMs <= lastMs && !deleted.covers(startMs, lastMs);
  }

  private boolean isVisible(Intervals deleted, long minMs, long maxMs) {
    for (int i = 0; i < cursor.chunkCount(); i++) {
      if (isVisible(i, deleted, minMs, maxMs)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a lookup is of every sample there is, so that the index alone has the answer. */
  private boolean isOfAll(List<Matcher> matchers, long minMs, long maxMs) {
    return matchers.isEmpty()
        && tombstones.isEmpty()
        && minMs <= meta.minMs()
        && maxMs >= meta.endMs() - 1;
  }

  /** All series, with the chunks that are not wholly deleted; perhaps none. */
  Iterator<ChunkSeries> all() throws IOException {
    Refs all = index.all();
    return new Iterator<>() {
      private int next;

      @Override
      public boolean hasNext() {
        return next < all.count();
      }

      @Override
      public ChunkSeries next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        try {
          cursor.read(all.get(next++));
          Intervals deleted = tombstones.of(cursor.id());
          Labels labels = cursor.labels();
          return new ChunkSeries(labels, chunks(deleted, Long.MIN_VALUE, Long.MAX_VALUE), deleted);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    };
  }

  List<String> labelNames(List<Matcher> matchers, long minMs, long maxMs) throws IOException {
    if (isOfAll(matchers, minMs, maxMs)) {
      return index.labelNames();
    }
    BitSet symbols = new BitSet();
    forEach(
        matchers,
        deleted -> {
          if (isVisible(deleted, minMs, maxMs)) {
            for (int i = 0; i < cursor.labelCount(); i++) {
              symbols.set(cursor.nameSymbol(i));
            }
          }
        });
    return strings(symbols);
  }

  List<String> labelValues(String name, List<Matcher> matchers, long minMs, long maxMs)
      throws IOException {
    if (isOfAll(matchers, minMs, maxMs)) {
      return index.labelValues(name);
    }
    BitSet symbols = new BitSet();
    int[] nameSymbol = {-1};
    List<Matcher> narrowed = new ArrayList<>(matchers);
    narrowed.add(new Matcher(Matcher.Type.NOT_EQUAL, name, ""));
    forEach(
        narrowed,
        deleted -> {
          if (isVisible(deleted, minMs, maxMs)) {
            symbols.set(cursor.valueSymbol(place(name, nameSymbol)));
          }
        });
    return strings(symbols);
  }

  /** Place of a label in the series on which the cursor stands, which has it. */
  private int place(String name, int[] nameSymbol) throws IOException {
    for (int i = 0; i < cursor.labelCount(); i++) {
      if (nameSymbol[0] < 0 && index.symbol(cursor.nameSymbol(i)).equals(name)) {
        nameSymbol[0] = cursor.nameSymbol(i);
      }
      if (nameSymbol[0] == cursor.nameSymbol(i)) {
        return i;
      }
    }
    throw new IOException(
        directory
            + ": series "
            + cursor.id()
            + " is listed under label "
            + name
            + ", but does not have it");
  }

  /** The symbols' order is that of the strings. */
  private List<String> strings(BitSet symbols) throws IOException {
    List<String> strings = new ArrayList<>(symbols.cardinality());
    for (int i = symbols.nextSetBit(0); i >= 0; i = symbols.nextSetBit(i + 1)) {
      strings.add(index.symbol(i));
    }
    return strings;
  }

  Tombstones tombstonesOf(List<Matcher> matchers, long minMs, long maxMs) throws IOException {
    SortedMap<Long, Intervals> bySeries = new TreeMap<>();
    forEach(
        matchers,
        deleted -> {
          List<ChunkMeta> chunks = cursor.chunks(minMs, maxMs);
          if (!chunks.isEmpty()) {
            int last = cursor.chunkCount() - 1;
            Interval clamped =
                new Interval(
                    Math.max(minMs, cursor.chunkMinMs(0)),
                    Math.min(maxMs, cursor.chunkMaxMs(last)));
            bySeries.put(cursor.id(), new Intervals(List.of(clamped)));
          }
        });
    return new Tombstones(bySeries);
  }
}
