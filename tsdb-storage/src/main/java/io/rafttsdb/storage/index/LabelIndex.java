package io.rafttsdb.storage.index;

import io.rafttsdb.storage.model.Bytewise;
import io.rafttsdb.storage.model.Labels;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongFunction;

/**
 * Which series have which labels. One thread adds series, with ascending refs, and takes out those
 * that no reader asks for any more; readers see every series that was added before the state which
 * they read at was published, and leave out later ones by their refs.
 */
public final class LabelIndex {

  /** Name and value under which all series stand, as in a block's index. */
  private static final String ALL = "";

  /** Without meaning, as it is no label. */
  private static final byte[] NO_BYTES = {};

  /** Bytes that a label of a series costs beyond its own: two references and spare room. */
  public static final int LABEL_BYTES = 9;

  private final Map<String, Map<String, PostingsList>> names = new ConcurrentHashMap<>();

  /**
   * Adds a series whose ref is greater than all before. For the writer.
   *
   * @return the bytes of its labels, as all series have them that have the labels
   */
  public byte[][] add(long ref, Labels labels) {
    list(ALL, ALL, NO_BYTES).append(ref);
    Sharing sharing = new Sharing(labels, list -> list.append(ref));
    labels.forEach(sharing);
    return sharing.bytes;
  }

  /** The bytes of labels likewise, of a series that is added later. For the writer. */
  public byte[][] share(Labels labels) {
    Sharing sharing = new Sharing(labels, list -> {});
    labels.forEach(sharing);
    return sharing.bytes;
  }

  /** Goes over the lists of a series' labels and takes over the bytes that they have. */
  private final class Sharing implements BiConsumer<String, String> {
    final byte[][] bytes;
    private final Consumer<PostingsList> action;
    private int place;

    Sharing(Labels labels, Consumer<PostingsList> action) {
      bytes = LabelBytes.of(labels);
      this.action = action;
    }

    @Override
    public void accept(String name, String value) {
      PostingsList list = list(name, value, bytes[place]);
      action.accept(list);
      bytes[place] = list.shared(bytes[place]);
      place++;
    }
  }

  /** The list of a label, which is there from now on. */
  private PostingsList list(String name, String value, byte[] bytes) {
    Map<String, PostingsList> values = names.get(name);
    if (values == null) {
      values = new ConcurrentHashMap<>(2);
      names.put(name, values);
    }
    PostingsList list = values.get(value);
    if (list == null) {
      list = new PostingsList(bytes);
      values.put(value, list);
    }
    return list;
  }

  /** Begins to take series out. For the writer. */
  public IndexRemoval removal() {
    return new IndexRemoval(names);
  }

  /** Label names of these series, sorted by code point. */
  public SortedSet<String> namesOf(Refs series, long endRef) {
    SortedSet<String> found = new TreeSet<>(Bytewise.ORDER);
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
    SortedSet<String> found = new TreeSet<>(Bytewise.ORDER);
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
}
