package io.rafttsdb.bench;

import java.io.IOException;
import java.net.URI;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Writes one workload to one address as fast as it is taken. */
final class IngestRun {

  private static final long RETRY_PAUSE_MS = 20;
  private static final int RETRIES_MAX = 3000;

  /**
   * What came of it.
   *
   * @param warmSeconds of them, those after the warm-up
   * @param latencies of each request until it was stored, sorted, nanoseconds
   * @param retries answers 503
   */
  record Result(double seconds, double warmSeconds, long[] latencies, int retries) {

    double percentileMs(double share) {
      return latencies[(int) Math.min(latencies.length - 1, share * latencies.length)] / 1e6;
    }
  }

  /** What may fail. */
  interface Action {
    void run() throws IOException, InterruptedException;
  }

  private final Workload workload;
  private final Action whenWarm;
  private final List<SeriesGroup> groups = new ArrayList<>();
  private final AtomicInteger nextRequest = new AtomicInteger();
  private final AtomicInteger retries = new AtomicInteger();
  private final long[] latencies;
  private final long startMs;
  private volatile long warmNanos;

  private IngestRun(Workload workload, InstantSource clock, Action whenWarm) {
    this.workload = workload;
    this.whenWarm = whenWarm;
    this.latencies = new long[workload.requests()];
    long endMs = clock.millis() / Workload.STEP_MS * Workload.STEP_MS;
    this.startMs = endMs - workload.samplesPerSeries() * Workload.STEP_MS;
    for (int g = 0; g < workload.requestsPerStep(); g++) {
      groups.add(new SeriesGroup(g * workload.samplesPerRequest(), workload.samplesPerRequest()));
    }
  }

  /** Writes data that ends now. */
  static Result write(Workload workload, URI url, InstantSource clock) throws InterruptedException {
    return write(workload, url, clock, () -> {});
  }

  /**
   * The same, and does something on the way.
   *
   * @param whenWarm done once, when the {@linkplain Workload#warmUpRequests warm-up} is over
   */
  static Result write(Workload workload, URI url, InstantSource clock, Action whenWarm)
      throws InterruptedException {
    IngestRun run = new IngestRun(workload, clock, whenWarm);
    long start = System.nanoTime();
    try (ExecutorService threads = Executors.newFixedThreadPool(workload.connections())) {
      List<Future<?>> connections = new ArrayList<>();
      for (int c = 0; c < workload.connections(); c++) {
        connections.add(
            threads.submit(() -> {
              run.send(url);
              return null;
            }));
      }
      for (Future<?> connection : connections) {
        try {
          connection.get();
        } catch (ExecutionException e) {
          threads.shutdownNow();
          throw new IllegalStateException("writing to " + url, e.getCause());
        }
      }
    }
    long end = System.nanoTime();
    Arrays.sort(run.latencies);
    return new Result(
        (end - start) / 1e9, (end - run.warmNanos) / 1e9, run.latencies, run.retries.get());
  }

  private void send(URI url) throws IOException, InterruptedException {
    try (HttpConnection connection = new HttpConnection(url)) {
      for (int i = nextRequest.getAndIncrement();
          i < latencies.length;
          i = nextRequest.getAndIncrement()) {
        if (i == workload.warmUpRequests()) {
          warmNanos = System.nanoTime();
          whenWarm.run();
        }
        int step = i / groups.size();
        SeriesGroup group = groups.get(i % groups.size());
        byte[] body = group.await(step, startMs + step * Workload.STEP_MS);
        long start = System.nanoTime();
        post(connection, body);
        latencies[i] = System.nanoTime() - start;
        group.sent();
      }
    }
  }

  private void post(HttpConnection connection, byte[] body)
      throws IOException, InterruptedException {
    for (int attempt = 0; attempt < RETRIES_MAX; attempt++) {
      int status = connection.post(body);
      if (status / 100 == 2) {
        return;
      }
      if (status != 503) {
        throw new IOException("HTTP status " + status + ", expected 2xx or 503");
      }
      retries.incrementAndGet();
      TimeUnit.MILLISECONDS.sleep(RETRY_PAUSE_MS);
    }
    throw new IOException("503 for " + RETRIES_MAX + " attempts");
  }
}
