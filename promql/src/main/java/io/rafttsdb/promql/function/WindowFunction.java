package io.rafttsdb.promql.function;

/** Computes one value from the samples of a window, which has at least one. */
@FunctionalInterface
public interface WindowFunction {

  /**
   * The value, or {@link io.rafttsdb.promql.value.Column#absent} for none.
   *
   * @param parameters the scalar arguments at this step, in their order
   */
  double apply(Window window, double[] parameters);
}
