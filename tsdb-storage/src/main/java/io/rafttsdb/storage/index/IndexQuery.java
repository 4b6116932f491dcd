package io.rafttsdb.storage.index;

import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Matcher;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Finds the series that fulfil all of a selector's matchers, in the Head's index or in a block's.
 * On any thread.
 *
 * <p>A matcher that the empty value does not fulfil <em>names</em> series: those with certain
 * values. One that it does fulfil <em>removes</em> series: those with the other values. Listed
 * values come from the index at once. Other conditions are tried on the label's values, or on the
 * series found so far, whichever are fewer.
 */
public final class IndexQuery {

  private final PostingsSource index;

  IndexQuery(PostingsSource index) {
    this.index = index;
  }

  /**
   * A query of the Head's index, among the refs [1, endRef).
   *
   * @param labelsOf label set of a ref below endRef
   * @param endRef one more than the newest series that may be found
   */
  public IndexQuery(LabelIndex index, LongFunction<Labels> labelsOf, long endRef) {
    this(index.below(endRef, labelsOf));
  }

  /** A matcher, and the non-empty values of its label that name or remove a series. */
  private record Condition(Matcher matcher, ValueTest test, boolean names) {
    static Condition of(Matcher matcher) {
      ValueTest positive = ValueTest.of(matcher);
      boolean negative =
          switch (matcher.type()) {
            case EQUAL, REGEX -> false;
            case NOT_EQUAL, NOT_REGEX -> true;
          };
      boolean names = !matcher.matchesEmpty();
      // Named are the values that the matcher accepts, removed those that it refuses.
      ValueTest test = names == negative ? new ValueTest.Not(positive) : positive;
      return new Condition(matcher, test, names);
    }

    boolean isListed() {
      return test instanceof ValueTest.Literals;
    }
  }

  /** The series that fulfil all matchers; all series without matchers. */
  public Refs select(List<Matcher> matchers) {
    List<Condition> conditions = new ArrayList<>(matchers.stream().map(Condition::of).toList());
    // Names before removals, and listed values first: they leave few series for the dear tests.
    conditions.sort(
        Comparator.comparing((Condition c) -> !c.names).thenComparing(c -> !c.isListed()));
    Refs found = null;
    for (Condition condition : conditions) {
      if (!condition.names && found == null) {
        found = index.all();
      }
      found = apply(condition, found);
    }
    return found == null ? index.all() : found;
  }

  private Refs apply(Condition condition, @Nullable Refs found) {
    if (found == null) {
      return seriesWith(condition);
    }
    if (!condition.isListed() && found.count() < index.valueCount(condition.matcher.name())) {
      return filter(condition.matcher, found);
    }
    Refs series = seriesWith(condition);
    return condition.names ? found.intersect(series) : found.without(series);
  }

  private Refs seriesWith(Condition condition) {
    String name = condition.matcher.name();
    if (condition.test instanceof ValueTest.Literals(var values)) {
      return Refs.union(values.stream().map(value -> index.series(name, value)).toList());
    }
    return index.series(name, condition.test);
  }

  private Refs filter(Matcher matcher, Refs found) {
    BitSet kept = new BitSet(found.count());
    for (int i = 0; i < found.count(); i++) {
      if (matcher.matches(index.labelsOf(found.get(i)).get(matcher.name()))) {
        kept.set(i);
      }
    }
    return found.filtered(kept);
  }
}
