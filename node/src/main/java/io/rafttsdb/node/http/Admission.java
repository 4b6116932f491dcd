package io.rafttsdb.node.http;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the requests in flight and the bytes of their bodies, and lets no more in than allowed.
 */
final class Admission {
  private final int requestsMax;
  private final long bytesMax;
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();

  Admission(int requestsMax, long bytesMax) {
    this.requestsMax = requestsMax;
    this.bytesMax = bytesMax;
  }

  boolean tryRequest() {
    if (requests.incrementAndGet() > requestsMax) {
      requests.decrementAndGet();
      return false;
    }
    return true;
  }

  boolean tryBytes(int more) {
    if (bytes.addAndGet(more) > bytesMax) {
      bytes.addAndGet(-more);
      return false;
    }
    return true;
  }

  void releaseRequest() {
    requests.decrementAndGet();
  }

  void releaseBytes(long less) {
    bytes.addAndGet(-less);
  }

  int requests() {
    return requests.get();
  }

  long bytes() {
    return bytes.get();
  }
}
