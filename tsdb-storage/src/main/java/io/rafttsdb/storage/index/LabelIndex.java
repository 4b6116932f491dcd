package io.rafttsdb.storage.index;

import io.rafttsdb.storage.model.Labels;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongFunction;

/**
 * Which series have which labels. One thread adds series, with ascending refs, and takes out those
 * that no reader asks for any more; readers see every series that was added before the state which
 * they read at was published, and leave out later ones by their refs.
 */
public final class LabelIndex {

  /** Name and value under which all series stand, as in a block's index. */
  private static final String ALL = "";

  /** Bytes that a label of a series costs here beyond its own: a ref with spare room. */
  public static final int LABEL_BYTES = 12;

  /** The order of the strings' UTF-8 bytes, which UTF-16 units do not have. */
  public static final Comparator<String> BYTEWISE = LabelIndex::compareCodePoints;

  private final Map<String, Map<String, PostingsList>> names = new ConcurrentHashMap<>();

  /** Adds a series whose ref is greater than all before. For the writer. */
  public void add(long ref, Labels labels) {
    add(ALL, ALL, ref);
    labels.forEach((name, value) -> add(name, value, ref));
  }

  private void add(String name, String value, long ref) {
    Map<String, PostingsList> values = names.get(name);
    if (values == null) {
      values = new ConcurrentHashMap<>(2);
      names.put(name, values);
    }
    PostingsList list = values.get(value);
    if (list == null) {
      values.put(value, new PostingsList(ref));
    } else {
      list.append(ref);
    }
  }

  /** Begins to take series out. For the writer. */
  public IndexRemoval removal() {
    return new IndexRemoval(names);
  }

  /** Label names of these series, sorted by code point. */
  public SortedSet<String> namesOf(Refs series, long endRef) {
    SortedSet<String> found = new TreeSet<>(BYTEWISE);
    names.forEach((name, values) -> {
      if (name.equals(ALL)) {
        return;
      }
      for (PostingsList list : values.values()) {
        if (list.below(endRef).intersects(series)) {
          found.add(name);
          return;
        }
      }
    });
    return found;
  }

  /** Values that a label has in these series, sorted by code point. */
  public SortedSet<String> valuesOf(String name, Refs series, long endRef) {
    SortedSet<String> found = new TreeSet<>(BYTEWISE);
    values(name)
        .forEach((value, list) -> {
          if (list.below(endRef).intersects(series)) {
            found.add(value);
          }
        });
    return found;
  }

  /** This index as a query sees it: the series below a ref. */
  PostingsSource below(long endRef, LongFunction<Labels> labelsOf) {
    return new PostingsSource() {
      @Override
      public Refs all() {
        PostingsList list = names.getOrDefault(ALL, Collections.emptyMap()).get(ALL);
        return list == null ? Refs.NONE : list.below(endRef);
      }

      @Override
      public Refs series(String name, String value) {
        PostingsList list = values(name).get(value);
        return list == null ? Refs.NONE : list.below(endRef);
      }

      @Override
      public Refs series(String name, ValueTest test) {
        List<Refs> matching = new ArrayList<>();
        values(name)
            .forEach((value, list) -> {
              if (test.accepts(value)) {
                matching.add(list.below(endRef));
              }
            });
        return Refs.union(matching);
      }

      @Override
      public int valueCount(String name) {
        return values(name).size();
      }

      @Override
      public Labels labelsOf(long ref) {
        return labelsOf.apply(ref);
      }
    };
  }

  private Map<String, PostingsList> values(String name) {
    return name.equals(ALL)
        ? Collections.emptyMap()
        : names.getOrDefault(name, Collections.emptyMap());
  }

  private static int compareCodePoints(String a, String b) {
    int length = Math.min(a.length(), b.length());
    for (int i = 0; i < length; i++) {
      char mine = a.charAt(i);
      char its = b.charAt(i);
      if (mine != its) {
        boolean bothPairs = Character.isSurrogate(mine) == Character.isSurrogate(its);
        return bothPairs ? Character.compare(mine, its) : Character.isSurrogate(mine) ? 1 : -1;
      }
    }
    return Integer.compare(a.length(), b.length());
  }
}
