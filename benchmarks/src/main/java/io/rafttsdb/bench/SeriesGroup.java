package io.rafttsdb.bench;

/**
 * The series that share a request. Its requests are made and sent one at a time, in order of data
 * time.
 */
final class SeriesGroup {

  private final SnappyTemplate template;
  private final DevopsValues values;
  private int nextStep;

  SeriesGroup(int firstSeries, int seriesCount) {
    this.template = SnappyTemplate.of(firstSeries, seriesCount);
    this.values = new DevopsValues(firstSeries, seriesCount);
  }

  /** Waits until all steps before this one have been {@link #sent}. Then its body is made. */
  synchronized byte[] await(int step, long timestampMs) throws InterruptedException {
    while (nextStep != step) {
      wait();
    }
    values.step();
    for (int i = 0; i < values.count(); i++) {
      template.set(i, timestampMs, values.get(i));
    }
    return template.body();
  }

  synchronized void sent() {
    nextStep++;
    notifyAll();
  }
}
