package io.rafttsdb.storage.index;

import java.util.Collections;
import java.util.Iterator;
import java.util.Map;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Takes series out of a {@link LabelIndex}, list by list, in steps; between them series may be
 * added. A list is exchanged as a whole, so readers see the one or the other. For the writer.
 */
public final class IndexRemoval {

  private final Map<String, Map<String, PostingsList>> names;
  private final Iterator<Map.Entry<String, Map<String, PostingsList>>> nextNames;
  private Map<String, PostingsList> values = Map.of();
  private Iterator<Map.Entry<String, PostingsList>> nextValues = Collections.emptyIterator();
  private @Nullable String name;

  IndexRemoval(Map<String, Map<String, PostingsList>> names) {
    this.names = names;
    this.nextNames = names.entrySet().iterator();
  }

  /**
   * Goes on.
   *
   * @param refs how many refs to look at about; the list in which they end is finished
   * @param isWanted whether a ref stays: the same answer in every step for refs that were there at
   *     the first
   * @return whether all lists are done
   */
  public boolean step(long refs, LongPredicate isWanted) {
    long left = refs;
    while (left > 0) {
      if (nextValues.hasNext()) {
        left -= filter(nextValues.next(), isWanted);
      } else {
        if (name != null && values.isEmpty()) {
          names.remove(name);
        }
        if (!nextNames.hasNext()) {
          return true;
        }
        Map.Entry<String, Map<String, PostingsList>> next = nextNames.next();
        name = next.getKey();
        values = next.getValue();
        nextValues = values.entrySet().iterator();
      }
    }
    return false;
  }

  private int filter(Map.Entry<String, PostingsList> value, LongPredicate isWanted) {
    PostingsList list = value.getValue();
    PostingsList rest = list.filtered(isWanted);
    if (rest == null) {
      values.remove(value.getKey());
    } else if (rest != list) {
      values.put(value.getKey(), rest);
    }
    return list.count();
  }
}
