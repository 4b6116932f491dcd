package io.rafttsdb.bench;

import java.nio.file.Path;

/**
 * What {@code benchmarks/run blocks} was asked for.
 *
 * @param series a multiple of the samples of a request
 * @param hours of data, a sample each 15 s; an even number
 * @param data a directory of the disk to measure on; emptied before
 */
record BlocksOptions(int series, int hours, Path data) {

  static final int SAMPLES_PER_REQUEST = 2_000;

  private static final long MS_PER_HOUR = 3_600_000;
  private static final int SERIES_DEFAULT = 10_000;
  private static final int HOURS_DEFAULT = 12;

  BlocksOptions {
    if (series < 1 || series % SAMPLES_PER_REQUEST != 0 || hours < 2 || hours % 2 != 0) {
      throw new IllegalArgumentException(
          series
              + " series for "
              + hours
              + " hours, expected a multiple of "
              + SAMPLES_PER_REQUEST
              + " for an even number of hours");
    }
  }

  /** Samples of each series. */
  int steps() {
    return (int) (hours * MS_PER_HOUR / Workload.STEP_MS);
  }

  /**
   * The options of a command line.
   *
   * @throws IllegalArgumentException on an unknown option or value
   */
  static BlocksOptions parse(String[] arguments) {
    int series = SERIES_DEFAULT;
    int hours = HOURS_DEFAULT;
    Path data =
        Path.of(System.getProperty("raft-tsdb.home", ".")).resolve("benchmarks/target/data");
    for (int i = 0; i < arguments.length; i += 2) {
      if (i + 1 == arguments.length) {
        throw new IllegalArgumentException(arguments[i] + " needs a value");
      }
      String value = arguments[i + 1];
      switch (arguments[i]) {
        case "--series" -> series = Integer.parseInt(value);
        case "--hours" -> hours = Integer.parseInt(value);
        case "--data" -> data = Path.of(value);
        default ->
            throw new IllegalArgumentException(
                "unknown option " + arguments[i] + ", expected --series, --hours or --data");
      }
    }
    return new BlocksOptions(series, hours, data);
  }
}
