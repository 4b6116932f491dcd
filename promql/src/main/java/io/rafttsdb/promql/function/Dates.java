package io.rafttsdb.promql.function;

import java.time.LocalDate;
import java.util.function.ToIntFunction;

/** Parts of a date in UTC, of seconds since 1970; fractions are cut off. */
final class Dates {

  private static final long DAY_SECONDS = 86_400;
  // LocalDate's range in seconds; times outside have no date.
  private static final double SECONDS_MAX = LocalDate.MAX.toEpochDay() * (double) DAY_SECONDS;

  private Dates() {}

  /** A part of a date as a function of a point. */
  static PointFunction part(ToIntFunction<LocalDate> part) {
    return (value, _) -> hasDate(value) ? part.applyAsInt(date((long) value)) : Double.NaN;
  }

  static double hour(double value, double[] parameters) {
    return hasDate(value)
        ? Math.floor(Math.floorMod((long) value, DAY_SECONDS) / 3600.0)
        : Double.NaN;
  }

  static double minute(double value, double[] parameters) {
    return hasDate(value) ? Math.floor(Math.floorMod((long) value, 3600L) / 60.0) : Double.NaN;
  }

  private static boolean hasDate(double value) {
    return Math.abs(value) < SECONDS_MAX;
  }

  private static LocalDate date(long seconds) {
    return LocalDate.ofEpochDay(Math.floorDiv(seconds, DAY_SECONDS));
  }
}
