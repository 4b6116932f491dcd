package io.rafttsdb.bench;

import java.util.SplittableRandom;

/**
 * The series that share a request, with the state of their values: counters grow, gauges walk. Its
 * requests are made and sent one at a time, in order of data time.
 */
final class SeriesGroup {

  private final int firstSeries;
  private final SnappyTemplate template;
  private final double[] values;
  private final SplittableRandom random;
  private int nextStep;

  SeriesGroup(int firstSeries, int seriesCount) {
    this.firstSeries = firstSeries;
    this.template = SnappyTemplate.of(firstSeries, seriesCount);
    this.values = new double[seriesCount];
    this.random = new SplittableRandom(firstSeries);
    for (int i = 0; i < seriesCount; i++) {
      values[i] = DevopsSeries.isCounter(firstSeries + i) ? random.nextInt(1_000_000) : 50;
    }
  }

  /** Waits until all steps before this one have been {@link #sent}. Then its body is made. */
  synchronized byte[] await(int step, long timestampMs) throws InterruptedException {
    while (nextStep != step) {
      wait();
    }
    for (int i = 0; i < values.length; i++) {
      if (DevopsSeries.isCounter(firstSeries + i)) {
        values[i] += random.nextInt(1000);
      } else if (random.nextInt(10) != 0) { // one gauge in ten stands still
        double walked = values[i] + random.nextInt(-200, 201) / 100.0;
        values[i] = Math.clamp(walked, 0, 100);
      }
      template.set(i, timestampMs, values[i]);
    }
    return template.body();
  }

  synchronized void sent() {
    nextStep++;
    notifyAll();
  }
}
