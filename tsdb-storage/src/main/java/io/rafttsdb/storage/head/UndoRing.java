package io.rafttsdb.storage.head;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The newest changes of series, so that a reader can take back those that are too new for it: how a
 * query sees the state after exactly one log entry while the next ones are applied.
 *
 * <p>Before the apply thread changes a series for the first time in a row of a batch, it notes the
 * series' ref, count of samples, newest timestamp and samples out of order here. At the end of an
 * entry it publishes a {@link HeadState} with the ring's position, by one volatile write. A reader
 *
 * <ol>
 *   <li>reads the published state S,
 *   <li>reads newest timestamp, count, newest chunk and samples out of order of the series that it
 *       wants, each with acquire,
 *   <li>then reads the ring's position and the notes from S's position up to it ({@link
 *       NotesSince}), and for each series that has one takes the first: that is what S had. It may
 *       do 2 and 3 in turn, series after series; a note once seen stays valid.
 * </ol>
 *
 * <p>Why this is S, by the Java memory model. What the apply thread wrote up to S happened before
 * S's publication, so step 2 reads that or something newer. If it read something newer of a series,
 * that value was written with release after the note of that change was published with release, in
 * the order of the apply thread; so the note's publication happens before the read of the position
 * in step 3, and the note is among those read. As counts only grow and notes are kept in order, the
 * first note after S tells what S had. If a series has no note, what was read was S's. A newest
 * chunk read in step 2 may be too new as well, but the chunks of S are reached from it, and its
 * array, read with acquire, has every sample that S had. A series as new as S's nextRef or newer is
 * not S's; it is recognized by its ref alone.
 *
 * <p>The ring is overwritten in time. The apply thread writes the slot of note p with release after
 * it published position p. A reader that got a part of note p where it wanted note p - capacity
 * therefore finds a position of at least p when it reads the position again afterwards, and knows:
 * notes are only trusted while the position is less than capacity beyond the first one wanted.
 */
final class UndoRing {

  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(long[].class);
  private static final VarHandle SAMPLES = MethodHandles.arrayElementVarHandle(OutOfOrder[].class);
  private static final VarHandle POSITION;

  static {
    try {
      POSITION = MethodHandles.lookup().findVarHandle(UndoRing.class, "position", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Words of a note: ref, count of samples before, newest timestamp before. */
  private static final int NOTE_WORDS = 3;

  private final long[] words;
  private final @Nullable OutOfOrder[] outOfOrder;
  private final int capacity;
  private long position;

  /**
   * @param capacity notes that it keeps, a power of two
   */
  UndoRing(int capacity) {
    if (Integer.bitCount(capacity) != 1) {
      throw new IllegalArgumentException("ring of " + capacity + " notes, expected a power of two");
    }
    this.capacity = capacity;
    this.words = new long[capacity * NOTE_WORDS];
    this.outOfOrder = new OutOfOrder[capacity];
  }

  /** Notes a series as it is before a change. For the apply thread. */
  void note(long ref, long total, long newestMs, @Nullable OutOfOrder samples) {
    int slot = slotOf(position);
    SAMPLES.setRelease(outOfOrder, (int) (position & (capacity - 1)), samples);
    SLOT.setRelease(words, slot, ref);
    SLOT.setRelease(words, slot + 1, total);
    SLOT.setRelease(words, slot + 2, newestMs);
    POSITION.setRelease(this, position + 1);
  }

  /** Notes ever made. */
  long position() {
    return (long) POSITION.getAcquire(this);
  }

  /** Word of a note, perhaps overwritten: {@link #holds} tells afterwards. */
  long ref(long note) {
    return (long) SLOT.getAcquire(words, slotOf(note));
  }

  long total(long note) {
    return (long) SLOT.getAcquire(words, slotOf(note) + 1);
  }

  long newestMs(long note) {
    return (long) SLOT.getAcquire(words, slotOf(note) + 2);
  }

  @Nullable OutOfOrder outOfOrder(long note) {
    return (OutOfOrder) SAMPLES.getAcquire(outOfOrder, (int) (note & (capacity - 1)));
  }

  /** Whether what was read before of this note and later ones was theirs. */
  boolean holds(long note) {
    return position() - note < capacity;
  }

  private int slotOf(long note) {
    return (int) (note & (capacity - 1)) * NOTE_WORDS;
  }
}
