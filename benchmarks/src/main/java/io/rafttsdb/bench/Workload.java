package io.rafttsdb.bench;

import java.util.List;

/**
 * What is written: every series gets a sample each 15 s of data time, as fast as it is taken.
 *
 * @param series number of series, a multiple of samplesPerRequest
 * @param samplesPerSeries steps of data time
 */
record Workload(
    String name, int series, int samplesPerSeries, int samplesPerRequest, int connections) {

  static final long STEP_MS = 15_000;

  /** Many series for half an hour, and few for half a day. */
  static final List<Workload> ALL =
      List.of(
          new Workload("wide", 100_000, 120, 2_000, 2),
          new Workload("long", 10_000, 3_000, 2_000, 2));

  Workload {
    if (series % samplesPerRequest != 0) {
      throw new IllegalArgumentException(
          series + " series, expected a multiple of " + samplesPerRequest + " samples a request");
    }
  }

  int requestsPerStep() {
    return series / samplesPerRequest;
  }

  int requests() {
    return requestsPerStep() * samplesPerSeries;
  }

  /** Requests at the start in which programs that compile while they run do most of that. */
  int warmUpRequests() {
    return requests() / 2;
  }

  long samples() {
    return (long) series * samplesPerSeries;
  }

  /** Those that come after the warm-up. */
  long warmSamples() {
    return (long) (requests() - warmUpRequests()) * samplesPerRequest;
  }
}
