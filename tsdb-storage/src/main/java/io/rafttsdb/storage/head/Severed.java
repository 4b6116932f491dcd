package io.rafttsdb.storage.head;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Chunks that a {@link Sweep} let go, for whoever holds a forgotten {@link InOrderPart} and has not
 * read it to the end: per series the newest chunk below a time. It is garbage when the last of them
 * is.
 *
 * <p>The apply thread publishes this object in the parts that it stands for, then keeps a series'
 * chunk here with release, then severs the series' link with release. So a reader that finds a link
 * severed, reading it with acquire, finds the chunk here.
 */
final class Severed {

  private static final VarHandle CHUNK = MethodHandles.arrayElementVarHandle(HeadChunk[].class);

  /** Chunks that begin before this time were let go. */
  final long floorMs;

  private final Map<Long, @Nullable HeadChunk[]> pages = new ConcurrentHashMap<>();

  Severed(long floorMs) {
    this.floorMs = floorMs;
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
