package io.rafttsdb.promql.function;

/** A function of the language: its signature and how the engine evaluates it. */
public sealed interface Function {

  Signature signature();

  /** One value from the samples in a time range of one series. */
  record OverRange(Signature signature, WindowFunction compute, Traits traits)
      implements Function {}

  /** One value from one value. */
  record PerPoint(Signature signature, PointFunction compute) implements Function {}

  /** Works on whole vectors, labels or times: the engine knows how. */
  record Special(Signature signature, Kind kind) implements Function {}

  /** What the engine has to know of a function over a range. */
  enum Traits {
    /** The result is another metric: its name goes. */
    PLAIN,
    /** The result is a sample of the series: its name stays. */
    KEEPS_NAME,
    /** As plain, and senseless on what is no counter: a remark is made on other names. */
    FOR_COUNTERS
  }

  /** The functions that are evaluated one by one. */
  enum Kind {
    TIME,
    PI,
    SCALAR,
    VECTOR,
    TIMESTAMP,
    ABSENT,
    ABSENT_OVER_TIME,
    SORT,
    SORT_DESC,
    LABEL_REPLACE,
    LABEL_JOIN,
    HISTOGRAM_QUANTILE,
    HISTOGRAM_COUNT,
    HISTOGRAM_SUM,
    HISTOGRAM_AVG,
    HISTOGRAM_STDDEV,
    HISTOGRAM_STDVAR,
    HISTOGRAM_FRACTION
  }
}
