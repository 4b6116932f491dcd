package io.rafttsdb.jepsen;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.jepsen.StoredHistograms.Histogram;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A real Prometheus, version 3.5 or later, writes its own native histograms to a cluster: every
 * node gives back what Prometheus has itself, bit for bit.
 */
class PrometheusHistogramsTest {

  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final int HISTOGRAMS_MIN = 15;

  @RegisterExtension final Workshop workshop = new Workshop();

  @Test
  void everyHistogramOfPrometheusIsOnEveryNode() throws Exception {
    Path program = Prometheus.programOrSkip();
    Cluster cluster = workshop.cluster(3).start();
    NodeProcess receiver = cluster.awaitLeader();
    Prometheus prometheus =
        workshop.use(Prometheus.startWithHistograms(workshop, program, receiver.http()));
    Awaitility.await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> count(StoredHistograms.read(prometheus.http())) >= HISTOGRAMS_MIN);
    prometheus.stopScraping();

    Map<Map<String, String>, Map<Long, Histogram>> expected =
        StoredHistograms.read(prometheus.http());
    assertThat(expected.values()).flatMap(Map::values).anyMatch(Histogram::hasBuckets);
    for (NodeProcess node : cluster.nodes()) {
      Awaitility.await(node.name() + " has all that Prometheus sends behind")
          .atMost(LIMIT)
          .untilAsserted(() -> assertThat(StoredHistograms.read(node.http())).isEqualTo(expected));
    }
  }

  private static long count(Map<Map<String, String>, Map<Long, Histogram>> all) {
    return all.values().stream().mapToLong(Map::size).sum();
  }
}
