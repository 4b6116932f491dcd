package io.rafttsdb.jepsen;

import io.rafttsdb.client.ClientOptions;
import io.rafttsdb.client.RaftTsdbClient;
import io.rafttsdb.client.RemoteWriteRequest;
import io.rafttsdb.client.WriteOutcome;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;

/** Writers that write as fast as they are answered, each with its own client, until stopped. */
final class WriteLoad implements AutoCloseable {

  private static final Duration PROGRESS_MAX = Duration.ofSeconds(60);

  /** Short ones leave writes unknown while a fault lasts, long ones outlast it. */
  private static final List<Duration> DEADLINES =
      List.of(Duration.ofMillis(300), Duration.ofSeconds(2), Duration.ofSeconds(40));

  private final Ledger ledger;
  private final InstantSource clock = InstantSource.system();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Future<?>> writers = new ArrayList<>();
  private volatile boolean stopped;

  private WriteLoad(int seriesPerWriter, int shards) {
    this.ledger = new Ledger(seriesPerWriter, shards);
  }

  /** Starts writers that know all nodes, each with another one as its first. */
  static WriteLoad start(Cluster cluster, int writers, int seriesPerWriter, long seed) {
    WriteLoad load = new WriteLoad(seriesPerWriter, cluster.shards());
    SplittableRandom random = new SplittableRandom(seed);
    for (int w = 0; w < writers; w++) {
      int writer = w;
      SplittableRandom own = random.split();
      List<URI> nodes = new ArrayList<>(cluster.nodes().stream().map(NodeProcess::http).toList());
      Collections.rotate(nodes, writer);
      load.writers.add(load.threads.submit(() -> load.write(writer, nodes, own)));
    }
    return load;
  }

  private Void write(int writer, List<URI> nodes, SplittableRandom random)
      throws InterruptedException {
    try (RaftTsdbClient client = new RaftTsdbClient(ClientOptions.of(nodes))) {
      long lastMs = 0;
      for (int number = 0; !stopped; number++) {
        lastMs = Math.max(lastMs + 1, clock.millis());
        Duration deadline = DEADLINES.get(random.nextInt(DEADLINES.size()));
        RemoteWriteRequest request = RemoteWriteRequest.of(ledger.request(writer, number, lastMs));
        WriteOutcome outcome = client.write(request, deadline);
        ledger.add(new Ledger.Entry(writer, number, lastMs, outcome));
      }
    }
    return null;
  }

  /** Waits until so many more requests have been acknowledged. */
  void awaitAcknowledged(int more) {
    long before = ledger.count(WriteOutcome.Acknowledged.class);
    Awaitility.await(more + " more acknowledged writes")
        .atMost(PROGRESS_MAX)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> ledger.count(WriteOutcome.Acknowledged.class) >= before + more);
  }

  /** What has been acknowledged by now; the load goes on. */
  Ledger acknowledgedSoFar() {
    return ledger.acknowledged();
  }

  /** Stops the writers after their present request. */
  Ledger stop() throws Exception {
    stopped = true;
    for (Future<?> writer : writers) {
      writer.get();
    }
    return ledger;
  }

  @Override
  public void close() {
    stopped = true;
    threads.shutdownNow();
  }
}
