package io.rafttsdb.bench;

import java.util.SplittableRandom;

/** The values of some devops series, step by step: counters grow, gauges walk. */
final class DevopsValues {

  private final int firstSeries;
  private final double[] values;
  private final SplittableRandom random;

  /** The series from a number on, before their first step. */
  DevopsValues(int firstSeries, int seriesCount) {
    this.firstSeries = firstSeries;
    this.values = new double[seriesCount];
    this.random = new SplittableRandom(firstSeries);
    for (int i = 0; i < seriesCount; i++) {
      values[i] = DevopsSeries.isCounter(firstSeries + i) ? random.nextInt(1_000_000) : 50;
    }
  }

  int count() {
    return values.length;
  }

  /** Moves all series on by one step. */
  void step() {
    for (int i = 0; i < values.length; i++) {
      if (DevopsSeries.isCounter(firstSeries + i)) {
        values[i] += random.nextInt(1000);
      } else if (random.nextInt(10) != 0) { // one gauge in ten stands still
        double walked = values[i] + random.nextInt(-200, 201) / 100.0;
        values[i] = Math.clamp(walked, 0, 100);
      }
    }
  }

  /** Value of the series that is so many after the first. */
  double get(int offset) {
    return values[offset];
  }
}
