package io.rafttsdb.jepsen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.rafttsdb.client.Consistency;
import io.rafttsdb.client.Sample;
import io.rafttsdb.client.TimeSeries;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A real Prometheus writes to a cluster whose leader is killed, and killed again. */
class PrometheusTest {

  private static final long SEED = 20_260_814;
  private static final int CALM_SCRAPES = 15;
  private static final int DOWN_SCRAPES = 4;
  private static final Duration CATCH_UP_MAX = Duration.ofSeconds(60);
  private static final int DIFFERENCES_SHOWN = 20;
  private static final long NEGATIVE_ZERO = Long.MIN_VALUE;

  @RegisterExtension final Workshop workshop = new Workshop();

  @Test
  void everySampleOfPrometheusIsOnEveryNodeOnceAlthoughTheLeaderIsKilledTwice() throws Exception {
    Optional<Path> program = Prometheus.program();
    if (program.isEmpty()) {
      String reason =
          "skipped: no prometheus in PROMETHEUS_HOME or on the PATH (Debian: prometheus)";
      System.out.println(reason);
      abort(reason);
    }
    Cluster cluster = workshop.cluster(3).start();
    LiveTarget target = workshop.use(new LiveTarget(SEED));
    NodeProcess receiver = cluster.awaitLeader();
    Prometheus prometheus =
        workshop.use(Prometheus.start(workshop, program.orElseThrow(), target, receiver.http()));

    target.awaitScrapes(CALM_SCRAPES);
    killAndRestart(receiver, target); // the leader to which Prometheus writes
    target.awaitScrapes(CALM_SCRAPES);
    killAndRestart(cluster.awaitLeader(), target); // as a rule one that only gets what is forwarded
    target.awaitScrapes(CALM_SCRAPES);
    prometheus.stopScraping();

    List<TimeSeries> expected = prometheus.samples();
    assertThat(expected).isEqualTo(prometheus.samples());
    assertThatAllKindsOccur(expected);
    awaitNewest(expected, receiver);
    for (NodeProcess node : cluster.nodes()) {
      for (Consistency consistency : Consistency.values()) {
        List<String> differences =
            differences(expected, Stored.read(node, ".+", consistency).series());
        assertThat(differences.stream().limit(DIFFERENCES_SHOWN))
            .as("%d differences on %s, %s", differences.size(), node.name(), consistency)
            .isEmpty();
      }
    }
  }

  private static void killAndRestart(NodeProcess node, LiveTarget target) {
    node.kill();
    target.awaitScrapes(DOWN_SCRAPES);
    node.start();
    node.awaitReady();
  }

  /** Prometheus sends in the background: waits for its last samples, then asks all nodes. */
  private static void awaitNewest(List<TimeSeries> expected, NodeProcess node) {
    Awaitility.await()
        .atMost(CATCH_UP_MAX)
        .pollInterval(Duration.ofSeconds(1))
        .until(() ->
            count(Stored.read(node, ".+", Consistency.LINEARIZABLE).series()) >= count(expected));
  }

  private static long count(List<TimeSeries> series) {
    return series.stream().mapToLong(each -> each.samples().size()).sum();
  }

  /** The comparison means something only where there is something of each kind to compare. */
  private static void assertThatAllKindsOccur(List<TimeSeries> series) {
    List<Sample> samples = series.stream().flatMap(each -> each.samples().stream()).toList();
    assertThat(samples).hasSizeGreaterThan(10_000);
    assertThat(samples).filteredOn(Sample::isStale).hasSizeGreaterThan(100);
    assertThat(samples).anyMatch(s -> Double.isNaN(s.value()) && !s.isStale());
    assertThat(samples).anyMatch(s -> s.value() == Double.POSITIVE_INFINITY);
    assertThat(samples).anyMatch(s -> s.value() == Double.NEGATIVE_INFINITY);
    assertThat(samples).anyMatch(s -> s.value() == Double.MIN_VALUE);
    assertThat(series.stream().map(TimeSeries::metricName))
        .contains("up", "live_once", "prometheus_tsdb_head_series");
  }

  private static List<String> differences(List<TimeSeries> expected, List<TimeSeries> actual) {
    List<String> differences = new ArrayList<>();
    Map<Map<String, String>, Map<Long, Long>> left = new HashMap<>();
    for (TimeSeries series : actual) {
      Map<Long, Long> samples = left.computeIfAbsent(series.labels(), l -> new HashMap<>());
      for (Sample sample : series.samples()) {
        if (samples.put(sample.timestampMs(), sample.valueBits()) != null) {
          differences.add("twice: " + series.labels() + " at " + sample.timestampMs());
        }
      }
    }
    for (TimeSeries series : expected) {
      Map<Long, Long> samples = left.getOrDefault(series.labels(), new HashMap<>());
      for (Sample sample : series.samples()) {
        Long bits = samples.remove(sample.timestampMs());
        if (bits == null) {
          differences.add("missing: " + series.labels() + " " + sample);
        } else if (!sameBits(sample.valueBits(), bits)) {
          differences.add(
              "other bits: " + series.labels() + " " + sample + ", here " + Long.toHexString(bits));
        }
      }
    }
    left.forEach((labels, samples) ->
        samples.forEach((t, bits) -> differences.add("unknown: " + labels + " at " + t)));
    return differences;
  }

  /** Prometheus's remote read leaves a zero out of the message, and with it the zero's sign. */
  private static boolean sameBits(long expected, long actual) {
    return expected == actual || (expected == 0 && actual == NEGATIVE_ZERO);
  }
}
