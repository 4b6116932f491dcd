package io.rafttsdb.storage.merge;

import io.rafttsdb.storage.model.Labels;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.PriorityQueue;
import java.util.function.Function;

/**
 * Brings together what several sources have of each series. Every source is sorted by labels, each
 * label set once; so is the result, one list a label set, in the order of the sources.
 *
 * @param <T> what a source has of a series
 */
public final class LabelMerge<T> implements Iterator<List<T>> {

  private static final class Source<T> {
    final Iterator<T> rest;
    final int rank;
    T item;
    Labels labels;

    Source(Iterator<T> rest, int rank, T item, Labels labels) {
      this.rest = rest;
      this.rank = rank;
      this.item = item;
      this.labels = labels;
    }

    Labels labels() {
      return labels;
    }

    int rank() {
      return rank;
    }
  }

  private final Function<? super T, Labels> labelsOf;
  private final PriorityQueue<Source<T>> sources =
      new PriorityQueue<>(
          Comparator.comparing((Source<T> source) -> source.labels())
              .thenComparingInt(Source::rank));

  /**
   * A merge of sources, each of which is read as far as the result is, and one item ahead.
   *
   * @param sources the one that wins first
   */
  public LabelMerge(List<Iterator<T>> sources, Function<? super T, Labels> labelsOf) {
    this.labelsOf = labelsOf;
    for (int rank = 0; rank < sources.size(); rank++) {
      Iterator<T> source = sources.get(rank);
      if (source.hasNext()) {
        T item = source.next();
        this.sources.add(new Source<>(source, rank, item, labelsOf.apply(item)));
      }
    }
  }

  @Override
  public boolean hasNext() {
    return !sources.isEmpty();
  }

  /**
   * What the sources have of the next label set, one item or more.
   *
   * @throws IllegalStateException where a source is not sorted
   */
  @Override
  public List<T> next() {
    Source<T> first = sources.poll();
    if (first == null) {
      throw new NoSuchElementException();
    }
    Labels labels = first.labels;
    List<T> items = new ArrayList<>(1 + sources.size());
    items.add(first.item);
    advance(first);
    while (!sources.isEmpty() && sources.peek().labels.equals(labels)) {
      Source<T> same = sources.poll();
      items.add(same.item);
      advance(same);
    }
    return items;
  }

  private void advance(Source<T> source) {
    if (!source.rest.hasNext()) {
      return;
    }
    T item = source.rest.next();
    Labels labels = labelsOf.apply(item);
    if (labels.compareTo(source.labels) <= 0) {
      throw new IllegalStateException(
          "source "
              + source.rank
              + ": expected a series after "
              + source.labels
              + ", got "
              + labels);
    }
    source.item = item;
    source.labels = labels;
    sources.add(source);
  }
}
