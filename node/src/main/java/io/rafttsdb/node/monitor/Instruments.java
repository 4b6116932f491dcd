package io.rafttsdb.node.monitor;

import com.codahale.metrics.Counter;
import com.codahale.metrics.LockFreeExponentiallyDecayingReservoir;
import com.codahale.metrics.Metric;
import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.Snapshot;
import com.codahale.metrics.Timer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/**
 * Counters and timers of the node's own parts, kept in a Dropwizard registry and told with their
 * labels. A name there is the metric's name with its labels: {@code requests_total{code=204}}.
 * Thread-safe; getting the same instrument again is quick.
 */
public final class Instruments implements MetricSource {

  /** Labels come from fixed sets, routes and status codes; more than this is a defect. */
  static final int INSTRUMENTS_MAX = 10_000;

  private static final double NANOS = 1e9;
  private static final double[] QUANTILES = {0.5, 0.9, 0.99};

  private record Instrument(String name, String help, List<String> labels, Metric metric) {}

  private final MetricRegistry registry;
  private final Map<String, Instrument> instruments = new ConcurrentSkipListMap<>();

  public Instruments(MetricRegistry registry) {
    this.registry = registry;
  }

  /** The counter of this name and these labels, names and values in turn. */
  public Counter counter(String name, String help, String... labels) {
    return (Counter) instrument(name, help, labels, Counter::new);
  }

  /** The timer of this name and these labels; told as a summary with quantiles of late minutes. */
  public SummedTimer timer(String name, String help, String... labels) {
    return (SummedTimer) instrument(name, help, labels, SummedTimer::new);
  }

  /** A Dropwizard timer that knows the sum of its durations too. */
  public static final class SummedTimer extends Timer {
    private final LongAdder sumNanos = new LongAdder();

    SummedTimer() {
      super(LockFreeExponentiallyDecayingReservoir.builder().build());
    }

    @Override
    public void update(long duration, TimeUnit unit) {
      super.update(duration, unit);
      sumNanos.add(unit.toNanos(duration));
    }
  }

  private Metric instrument(
      String name, String help, String[] labels, Supplier<? extends Metric> maker) {
    String key = labels.length == 0 ? name : name + Arrays.toString(labels);
    Instrument known = instruments.get(key);
    if (known != null) {
      return known.metric;
    }
    synchronized (this) {
      Instrument raced = instruments.get(key);
      if (raced != null) {
        return raced.metric;
      }
      if (instruments.size() == INSTRUMENTS_MAX) {
        throw new IllegalStateException("more than " + INSTRUMENTS_MAX + " metrics, at " + key);
      }
      Metric made = registry.register(key, maker.get());
      instruments.put(key, new Instrument(name, help, List.of(labels), made));
      return made;
    }
  }

  @Override
  public void collect(MetricSink sink) {
    for (Instrument each : instruments.values()) {
      String[] labels = each.labels.toArray(String[]::new);
      switch (each.metric) {
        case Counter counter -> sink.counter(each.name, each.help, counter.getCount(), labels);
        case SummedTimer timer -> {
          Snapshot snapshot = timer.getSnapshot();
          for (double quantile : QUANTILES) {
            sink.quantile(
                each.name, each.help, quantile, snapshot.getValue(quantile) / NANOS, labels);
          }
          sink.summary(
              each.name, each.help, timer.sumNanos.sum() / NANOS, timer.getCount(), labels);
        }
        default -> throw new IllegalStateException("no instrument of type " + each.metric);
      }
    }
  }
}
