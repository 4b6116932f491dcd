package io.rafttsdb.storage.merge;

import io.rafttsdb.storage.model.Bytewise;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.PriorityQueue;

/**
 * The strings of several sorted sources, each once, sorted: bytewise in UTF-8, which orders
 * otherwise than {@link String#compareTo} where characters beyond the basic plane are.
 */
final class SymbolMerge implements Iterator<String> {

  private static final class Source {
    final Iterator<String> rest;
    String symbol;

    Source(Iterator<String> rest, String first) {
      this.rest = rest;
      this.symbol = first;
    }
  }

  private final PriorityQueue<Source> sources =
      new PriorityQueue<>((a, b) -> Bytewise.ORDER.compare(a.symbol, b.symbol));

  SymbolMerge(List<Iterator<String>> sources) {
    for (Iterator<String> source : sources) {
      if (source.hasNext()) {
        this.sources.add(new Source(source, source.next()));
      }
    }
  }

  @Override
  public boolean hasNext() {
    return !sources.isEmpty();
  }

  @Override
  public String next() {
    if (sources.isEmpty()) {
      throw new NoSuchElementException();
    }
    String symbol = sources.peek().symbol;
    while (!sources.isEmpty() && sources.peek().symbol.equals(symbol)) {
      advance(sources.poll());
    }
    return symbol;
  }

  private void advance(Source source) {
    if (!source.rest.hasNext()) {
      return;
    }
    String next = source.rest.next();
    if (Bytewise.ORDER.compare(next, source.symbol) <= 0) {
      throw new IllegalStateException(
          "expected a symbol after \"" + source.symbol + "\", got \"" + next + "\"");
    }
    source.symbol = next;
    sources.add(source);
  }
}
