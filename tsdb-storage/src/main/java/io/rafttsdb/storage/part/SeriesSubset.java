package io.rafttsdb.storage.part;

import io.rafttsdb.storage.block.ChunkSeries;
import io.rafttsdb.storage.block.ChunkSource;
import io.rafttsdb.storage.model.Bytewise;
import io.rafttsdb.storage.model.Labels;
import java.io.IOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Some series of a source, and their symbols alone. Reads the series twice: once for the symbols,
 * which it holds in memory.
 *
 * @param wanted whether a series belongs to it
 */
record SeriesSubset(ChunkSource all, Predicate<Labels> wanted) implements ChunkSource {

  @Override
  public Iterator<String> symbols() throws IOException {
    TreeSet<String> symbols = new TreeSet<>(Bytewise.ORDER);
    for (Iterator<ChunkSeries> some = series(); some.hasNext(); ) {
      some.next()
          .labels()
          .forEach((name, value) -> {
            symbols.add(name);
            symbols.add(value);
          });
    }
    return symbols.iterator();
  }

  @Override
  public Iterator<ChunkSeries> series() throws IOException {
    Iterator<ChunkSeries> rest = all.series();
    return new Iterator<>() {
      private @Nullable ChunkSeries next = advance();

      private @Nullable ChunkSeries advance() {
        while (rest.hasNext()) {
          ChunkSeries series = rest.next();
          if (wanted.test(series.labels())) {
            return series;
          }
        }
        return null;
      }

      @Override
      public boolean hasNext() {
        return next != null;
      }

      @Override
      public ChunkSeries next() {
        ChunkSeries present = next;
        if (present == null) {
          throw new NoSuchElementException();
        }
        next = advance();
        return present;
      }
    };
  }
}
