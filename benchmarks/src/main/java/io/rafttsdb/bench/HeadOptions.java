package io.rafttsdb.bench;

import java.nio.file.Path;

/**
 * What {@code benchmarks/run head} was asked for.
 *
 * @param series number of series, a multiple of the series of a request
 * @param samples of each, one each 15 s, within one block range
 * @param classes lines of a class histogram that are printed
 * @param data a directory of the disk to measure on; emptied before
 */
record HeadOptions(int series, int samples, int classes, Path data) {

  static final int SERIES_PER_REQUEST = 2_000;

  private static final int SERIES_DEFAULT = 1_000_000;
  private static final int SAMPLES_MAX = 480;

  HeadOptions {
    if (series < 1 || series % SERIES_PER_REQUEST != 0 || samples < 1 || samples > SAMPLES_MAX) {
      throw new IllegalArgumentException(
          series
              + " series of "
              + samples
              + " samples, expected a multiple of "
              + SERIES_PER_REQUEST
              + " with at most "
              + SAMPLES_MAX);
    }
  }

  /**
   * The options of a command line.
   *
   * @throws IllegalArgumentException on an unknown option or value
   */
  static HeadOptions parse(String[] arguments) {
    int series = SERIES_DEFAULT;
    int samples = SAMPLES_MAX;
    int classes = 0;
    Path data =
        Path.of(System.getProperty("raft-tsdb.home", ".")).resolve("benchmarks/target/data");
    for (int i = 0; i < arguments.length; i += 2) {
      if (i + 1 == arguments.length) {
        throw new IllegalArgumentException(arguments[i] + " needs a value");
      }
      String value = arguments[i + 1];
      switch (arguments[i]) {
        case "--series" -> series = Integer.parseInt(value);
        case "--samples" -> samples = Integer.parseInt(value);
        case "--classes" -> classes = Integer.parseInt(value);
        case "--data" -> data = Path.of(value);
        default ->
            throw new IllegalArgumentException(
                "unknown option "
                    + arguments[i]
                    + ", expected --series, --samples, --classes or --data");
      }
    }
    return new HeadOptions(series, samples, classes, data);
  }
}
