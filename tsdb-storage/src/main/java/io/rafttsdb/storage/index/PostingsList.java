package io.rafttsdb.storage.index;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The refs of the series that have one label with one value, ascending. One thread appends; readers
 * take a {@link Refs} at any moment.
 *
 * <p>The writer fills a slot, then publishes the count with release; a reader takes the count with
 * acquire and the array after it, which then holds at least that many refs. A grown array is
 * published with release too, after its content.
 */
final class PostingsList {

  private static final VarHandle COUNT;
  private static final VarHandle REFS;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      COUNT = lookup.findVarHandle(PostingsList.class, "count", int.class);
      REFS = lookup.findVarHandle(PostingsList.class, "refs", long[].class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private long[] refs;
  private int count;

  PostingsList(long firstRef) {
    refs = new long[] {firstRef};
    count = 1;
  }

  /** Adds a ref greater than all before. For the writer. */
  void append(long ref) {
    long[] array = refs;
    if (count == array.length) {
      array = Arrays.copyOf(array, count + Math.max(1, count >> 2));
      REFS.setRelease(this, array);
    }
    array[count] = ref;
    COUNT.setRelease(this, count + 1);
  }

  private PostingsList(long[] refs, int count) {
    this.refs = refs;
    this.count = count;
  }

  /** Number of refs. For the writer. */
  int count() {
    return count;
  }

  /**
   * The list without the refs that are not wanted: this one where all are, null where none is.
   * Readers may go on with this one. For the writer.
   */
  @Nullable PostingsList filtered(LongPredicate isWanted) {
    int same = 0;
    while (same < count && isWanted.test(refs[same])) {
      same++;
    }
    if (same == count) {
      return this;
    }
    long[] rest = Arrays.copyOf(refs, count);
    int n = same;
    for (int i = same + 1; i < count; i++) {
      if (isWanted.test(refs[i])) {
        rest[n++] = refs[i];
      }
    }
    return n == 0 ? null : new PostingsList(Arrays.copyOf(rest, n), n);
  }

  /** The refs below a bound. */
  Refs below(long endRef) {
    int published = (int) COUNT.getAcquire(this);
    long[] array = (long[]) REFS.getAcquire(this);
    return new Refs(array, published).below(endRef);
  }
}
