package io.rafttsdb.storage.head;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Chunks that a {@link Sweep} let go, for whoever holds a forgotten {@link InOrderPart} or a {@link
 * FrozenHead} and has not read it to the end: per series the newest chunk below a time. Each knows
 * the one of the next sweep, so that who holds one finds all that is severed later; it is garbage
 * when the last of them is.
 *
 * <p>The apply thread publishes this object in the parts that it stands for and in the one before
 * it, then keeps a series' chunk here with release, then severs the series' link with release. So a
 * reader that finds a link severed, reading it with acquire, finds the chunk here.
 */
final class Severed {

  private static final VarHandle CHUNK = MethodHandles.arrayElementVarHandle(HeadChunk[].class);

  /** Chunks that begin before this time were let go. */
  final long floorMs;

  private final Map<Long, @Nullable HeadChunk[]> pages = new ConcurrentHashMap<>();

  /** That of the next sweep, whose time is not lower. */
  private volatile @Nullable Severed next;

  Severed(long floorMs) {
    this.floorMs = floorMs;
  }

  /** The one after this, empty yet. For the apply thread, once. */
  Severed next(long nextFloorMs) {
    Severed begun = new Severed(nextFloorMs);
    next = begun;
    return begun;
  }

  /**
   * The chunk before one whose link was found severed, by this sweep or a later one; null where it
   * was severed before, or there was none. Of those sweeps that went as far as the chunk, the last
   * that let something of the series go is the one that severed its link.
   */
  @Nullable HeadChunk before(long ref, HeadChunk chunk) {
    HeadChunk found = null;
    for (Severed each = this; each != null && each.floorMs <= chunk.minMs; each = each.next) {
      HeadChunk kept = each.get(ref);
      found = kept == null ? found : kept;
    }
    return found;
  }

  /** Keeps the newest chunk of a series that is let go. For the apply thread. */
  void keep(long ref, HeadChunk chunk) {
    @Nullable HeadChunk[] page =
        pages.computeIfAbsent(
            ref >>> SeriesPage.BITS, any -> new @Nullable HeadChunk[SeriesPage.SERIES]);
    CHUNK.setRelease(page, slotOf(ref), chunk);
  }

  /** That chunk, or null where the series had none or its link is still whole. */
  @Nullable HeadChunk get(long ref) {
    @Nullable HeadChunk[] page = pages.get(ref >>> SeriesPage.BITS);
    return page == null ? null : (HeadChunk) CHUNK.getAcquire(page, slotOf(ref));
  }

  private static int slotOf(long ref) {
    return (int) ref & (SeriesPage.SERIES - 1);
  }
}
