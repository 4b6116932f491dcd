package io.rafttsdb.replica;

import io.rafttsdb.command.CommandCodec;
import io.rafttsdb.replica.ReplicaFailure.Outcome;
import io.rafttsdb.replica.ReplicaFailure.Overloaded;
import io.rafttsdb.replica.ReplicaFailure.TooLarge;
import io.rafttsdb.replica.ReplicaFailure.Unavailable;
import io.rafttsdb.storage.model.AppendResult;
import io.rafttsdb.storage.model.SampleBatch;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Joins requests into log entries. No timer: a request goes at once while few entries are under
 * way; else it waits until one returns or the waiting ones fill an entry. Requests keep their order
 * of arrival and are never split.
 *
 * <p>One thread of its own submits. Answers come on the thread that applied the entry.
 */
final class EntryJoiner implements AutoCloseable {

  /** Below this many entries under way a request does not wait. */
  static final int AT_ONCE_MAX = 4;

  /** Full entries go out up to this many under way. */
  static final int UNDER_WAY_MAX = 16;

  /** Length that joining aims at; only one request alone may be longer. */
  static final int ENTRY_BYTES = 1 << 20;

  /** Where entries go: Ratis, or a test. */
  interface Log {
    /**
     * Submits an entry; returns when its place in the log is taken or it was refused.
     *
     * @param answer called once, on any thread, with why it failed, or null once it is applied
     */
    void submit(RaftEntry entry, Answer answer);
  }

  /** Takes what became of an entry. */
  interface Answer {
    void accept(@Nullable ReplicaFailure failure);
  }

  private final Log log;
  private final long waitingBytesMax;
  private final Thread thread;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<PendingAppend> queue = new ArrayDeque<>(); // guarded by lock
  private long queuedBytes; // not yet submitted, guarded by lock
  private long waitingBytes; // not yet answered, guarded by lock
  private int underWay; // guarded by lock
  private boolean closed; // guarded by lock

  private final LongAdder entries = new LongAdder();
  private final LongAdder requests = new LongAdder();
  private final LongAdder bytes = new LongAdder();

  /**
   * Makes a joiner that is not started.
   *
   * @param died told when the submitting thread ends by an error
   */
  EntryJoiner(String name, Log log, long waitingBytesMax, Thread.UncaughtExceptionHandler died) {
    this.log = log;
    this.waitingBytesMax = waitingBytesMax;
    this.thread =
        Thread.ofPlatform()
            .name(name + "-joiner")
            .daemon()
            .uncaughtExceptionHandler(died)
            .unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** Encodes the batch on the caller's thread and queues it. Never blocks. */
  CompletableFuture<AppendResult> append(SampleBatch batch, long deadlineNanos) {
    PendingAppend pending = new PendingAppend(batch, deadlineNanos);
    int size = pending.joinedBytes();
    if (CommandCodec.entryBytesMax(size) > RatisProperties.PAYLOAD_BYTES_MAX) {
      return CompletableFuture.failedFuture(
          new TooLarge(CommandCodec.entryBytesMax(size), RatisProperties.PAYLOAD_BYTES_MAX));
    }
    lock.lock();
    try {
      if (closed) {
        return CompletableFuture.failedFuture(stopping());
      }
      if (waitingBytes + size > waitingBytesMax && waitingBytes > 0) {
        return CompletableFuture.failedFuture(
            new Overloaded(waitingBytes + " bytes wait for the log, at most " + waitingBytesMax));
      }
      queue.add(pending);
      queuedBytes += size;
      waitingBytes += size;
      changed.signal();
    } finally {
      lock.unlock();
    }
    return pending.result();
  }

  private void run() {
    for (List<PendingAppend> joined = next(); joined != null; joined = next()) {
      if (!joined.isEmpty()) {
        submit(joined);
      }
    }
  }

  /** Waits for the requests of the next entry; null when closed. */
  private @Nullable List<PendingAppend> next() {
    lock.lock();
    try {
      while (!closed && !mayGo()) {
        changed.awaitUninterruptibly();
      }
      if (closed) {
        return null;
      }
      List<PendingAppend> joined = new ArrayList<>();
      long size = 0;
      long now = System.nanoTime();
      for (PendingAppend head = queue.peek(); head != null; head = queue.peek()) {
        int more = head.joinedBytes();
        if (head.isTooLate(now)) {
          waitingBytes -= more;
          head.result().completeExceptionally(tooLate());
        } else if (!joined.isEmpty() && size + more > ENTRY_BYTES) {
          break;
        } else {
          joined.add(head);
          size += more;
        }
        queue.remove();
        queuedBytes -= more;
      }
      underWay += joined.isEmpty() ? 0 : 1;
      return joined;
    } finally {
      lock.unlock();
    }
  }

  private boolean mayGo() {
    return !queue.isEmpty()
        && (underWay < AT_ONCE_MAX || (underWay < UNDER_WAY_MAX && queuedBytes >= ENTRY_BYTES));
  }

  private void submit(List<PendingAppend> joined) {
    RaftEntry entry = RaftEntry.join(joined);
    entries.increment();
    requests.add(joined.size());
    bytes.add(entry.getContent().size());
    log.submit(entry, failure -> answer(joined, entry, failure));
  }

  private void answer(
      List<PendingAppend> joined, RaftEntry entry, @Nullable ReplicaFailure failure) {
    lock.lock();
    try {
      underWay--;
      for (PendingAppend request : joined) {
        waitingBytes -= request.joinedBytes();
      }
      changed.signal();
    } finally {
      lock.unlock();
    }
    AppliedEntry applied = entry.applied();
    ReplicaFailure why = failure;
    if (why == null && applied == null) {
      why = new Unavailable("the answer was lost with the leadership", Outcome.UNKNOWN);
    }
    for (int i = 0; i < joined.size(); i++) {
      CompletableFuture<AppendResult> result = joined.get(i).result();
      if (why != null || applied == null) {
        result.completeExceptionally(why);
      } else {
        result.complete(applied.appends().get(i));
      }
    }
  }

  private static Unavailable tooLate() {
    return new Unavailable("the request's time was over before the append", Outcome.NOT_STORED);
  }

  private static Unavailable stopping() {
    return new Unavailable("the node is stopping", Outcome.NOT_STORED);
  }

  /** Encoded bytes of requests that have no answer yet. */
  long waitingBytes() {
    lock.lock();
    try {
      return waitingBytes;
    } finally {
      lock.unlock();
    }
  }

  long entries() {
    return entries.sum();
  }

  long requests() {
    return requests.sum();
  }

  long bytes() {
    return bytes.sum();
  }

  /** Fails what is queued; what is under way is answered as the log ends it. */
  @Override
  public void close() {
    List<PendingAppend> dropped;
    lock.lock();
    try {
      closed = true;
      dropped = List.copyOf(queue);
      queue.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    dropped.forEach(request -> request.result().completeExceptionally(stopping()));
  }
}
