package io.rafttsdb.storage.index;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The refs of the series that have one label with one value, ascending: 4 bytes each, as long as
 * they lie within 2^32 of the first, else 8. One thread appends; readers take a {@link Refs} at any
 * moment.
 *
 * <p>The writer fills a slot, then publishes the count with release; a reader takes the count with
 * acquire and the array after it, which then holds at least that many refs. A grown array, or one
 * of longer numbers, is published with release too, after its content.
 */
final class PostingsList {

  private static final VarHandle COUNT;
  private static final VarHandle REFS;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      COUNT = lookup.findVarHandle(PostingsList.class, "count", int.class);
      REFS = lookup.findVarHandle(PostingsList.class, "refs", Object.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** The canonical bytes of the label. */
  private final byte[] labelBytes;

  /** What to add to the numbers in an int[]: the first ref; set before the first count. */
  private long base;

  /** An int[] of refs less the base, unsigned, or a long[] of refs. */
  private Object refs;

  private int count;

  /** An empty list, to which at least one ref is added. */
  PostingsList(byte[] labelBytes) {
    this.labelBytes = labelBytes;
    refs = new int[1];
  }

  /**
   * The label's bytes as this list has them, or those that are given where they are not the same:
   * bytes that are no UTF-8 may stand under one name.
   */
  byte[] shared(byte[] given) {
    return Arrays.equals(labelBytes, given) ? labelBytes : given;
  }

  /** Adds a ref greater than all before. For the writer. */
  void append(long ref) {
    if (count == 0) {
      base = ref;
    }
    if (refs instanceof int[] array && ref - base <= Refs.SMALL_MAX) {
      appendSmall(array, (int) (ref - base));
    } else {
      appendLarge(refs instanceof long[] array ? array : toLarge(), ref);
    }
    COUNT.setRelease(this, count + 1);
  }

  private void appendSmall(int[] array, int less) {
    int[] room = array;
    if (count == room.length) {
      room = Arrays.copyOf(room, grown());
      REFS.setRelease(this, room);
    }
    room[count] = less;
  }

  private void appendLarge(long[] array, long ref) {
    long[] room = array;
    if (count == room.length) {
      room = Arrays.copyOf(room, grown());
    }
    room[count] = ref;
    REFS.setRelease(this, room);
  }

  private long[] toLarge() {
    long[] array = new long[count];
    Refs all = refs(refs, count);
    Arrays.setAll(array, all::get);
    return array;
  }

  private int grown() {
    return count + Math.max(1, count >> 3);
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
    Refs all = refs(refs, count);
    int same = 0;
    while (same < count && isWanted.test(all.get(same))) {
      same++;
    }
    if (same == count) {
      return this;
    }
    PostingsList rest = new PostingsList(labelBytes);
    for (int i = 0; i < count; i++) {
      if (i < same || (i > same && isWanted.test(all.get(i)))) {
        rest.append(all.get(i));
      }
    }
    return rest.count == 0 ? null : rest;
  }

  /** The refs below a bound. */
  Refs below(long endRef) {
    int published = (int) COUNT.getAcquire(this);
    return refs(REFS.getAcquire(this), published).below(endRef);
  }

  private Refs refs(Object array, int published) {
    return array instanceof int[] small
        ? new Refs(base, small, published)
        : new Refs((long[]) array, published);
  }
}
