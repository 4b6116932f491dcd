package io.rafttsdb.node.monitor;

import io.rafttsdb.client.RemoteWriteRequest;
import io.rafttsdb.client.TimeSeries;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the node's own metrics into the cluster, as a Prometheus that scraped this node would: one
 * sample a metric, all at the time of the round, with the labels job and instance.
 *
 * <p>One thread makes one round after the other, so that nothing piles up while the cluster does
 * not answer; what a failed round would have written is lost.
 */
public final class SelfMonitor implements AutoCloseable {

  public static final String JOB = "raft-tsdb";

  private static final Logger log = LoggerFactory.getLogger(SelfMonitor.class);
  private static final long LOG_EVERY_NANOS = Duration.ofMinutes(1).toNanos();
  private static final Duration STOP_LIMIT = Duration.ofSeconds(2);

  private final NodeMetrics metrics;
  private final String instance;
  private final InstantSource clock;
  private final BooleanSupplier begun;
  private final Target target;
  private final Instruments instruments;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("self-monitor").daemon().factory());
  private long lastLogNanos = System.nanoTime() - LOG_EVERY_NANOS;

  /** Where the samples go: the node's own remote write. */
  @FunctionalInterface
  public interface Target {

    /**
     * Writes, forwarding to the leader where needed.
     *
     * @return empty where all is stored, else what the answer says
     */
    String write(RemoteWriteRequest request) throws Exception;
  }

  /**
   * @param instance host:port of this node's HTTP server, the value of the label
   * @param begun whether the node can serve; until it once says yes there are no rounds
   */
  public SelfMonitor(
      NodeMetrics metrics,
      String instance,
      InstantSource clock,
      BooleanSupplier begun,
      Target target,
      Instruments instruments) {
    this.metrics = metrics;
    this.instance = instance;
    this.clock = clock;
    this.begun = begun;
    this.target = target;
    this.instruments = instruments;
  }

  /**
   * Begins, with a first round at once, then one after each pause of the interval. To be called
   * once.
   */
  public void start(Duration interval) {
    var _ =
        thread.scheduleWithFixedDelay(this::round, 0, interval.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** On the monitor's thread. An exception that came out would end the rounds for good. */
  private void round() {
    if (!begun.getAsBoolean()) {
      return;
    }
    String failure;
    try {
      failure = target.write(request());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    } catch (Exception e) {
      failure = e.toString();
    }
    count("raft_tsdb_self_monitoring_rounds_total", "Rounds of self-monitoring.");
    if (!failure.isEmpty()) {
      count("raft_tsdb_self_monitoring_failures_total", "Rounds that were not stored whole.");
      if (System.nanoTime() - lastLogNanos >= LOG_EVERY_NANOS) {
        lastLogNanos = System.nanoTime();
        log.warn("self-monitoring could not write (told once a minute): {}", failure);
      }
    }
  }

  private void count(String name, String help) {
    instruments.counter(name, help).inc();
  }

  private RemoteWriteRequest request() {
    long now = clock.millis();
    List<TimeSeries> series = new ArrayList<>();
    series.add(series("up", Map.of(), now, 1));
    for (MetricFamily family : metrics.collect()) {
      for (MetricFamily.Point point : family.points()) {
        series.add(series(family.name() + point.suffix(), point.labels(), now, point.value()));
      }
    }
    return RemoteWriteRequest.of(series);
  }

  private TimeSeries series(
      String name, Map<String, String> labels, long timestampMs, double value) {
    Map<String, String> all = new LinkedHashMap<>(labels);
    all.put(TimeSeries.METRIC_NAME, name);
    all.put("job", JOB);
    all.put("instance", instance);
    return TimeSeries.of(all, timestampMs, value);
  }

  /** Ends the rounds; one under way is interrupted. */
  @Override
  public void close() {
    thread.shutdownNow();
    try {
      if (!thread.awaitTermination(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        log.warn("self-monitoring did not end within {}", STOP_LIMIT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
