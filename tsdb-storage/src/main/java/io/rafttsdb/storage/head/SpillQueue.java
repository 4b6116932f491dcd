package io.rafttsdb.storage.head;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Closed chunks that are to go to disk. The apply thread adds, another thread takes; neither waits
 * for the other. What finds no room is not lost, it stays in memory.
 */
final class SpillQueue {

  /** Chunks at most: some hundred MiB of references, were it ever full. */
  static final int CHUNKS_MAX = 1 << 22;

  private final Queue<Item> items = new ConcurrentLinkedQueue<>();
  private final AtomicInteger count = new AtomicInteger();

  /** A chunk and its series. */
  record Item(long ref, HeadChunk chunk) {}

  /** Adds a closed chunk. By one thread at a time. */
  void add(long ref, HeadChunk chunk) {
    if (count.get() < CHUNKS_MAX) {
      count.incrementAndGet();
      items.add(new Item(ref, chunk));
    }
  }

  int count() {
    return count.get();
  }

  /** Takes so many chunks at most, oldest first. */
  List<Item> take(int max) {
    List<Item> taken = new ArrayList<>();
    while (taken.size() < max) {
      Item item = items.poll();
      if (item == null) {
        break;
      }
      taken.add(item);
    }
    count.addAndGet(-taken.size());
    return taken;
  }
}
