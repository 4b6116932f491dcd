package io.rafttsdb.promql.function;

/** Computes one value from one value. */
@FunctionalInterface
public interface PointFunction {

  /**
   * The value, or {@link io.rafttsdb.promql.value.Column#absent} for none.
   *
   * @param parameters the scalar arguments at this step, in their order
   */
  double apply(double value, double[] parameters);
}
