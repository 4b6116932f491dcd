package io.rafttsdb.promql.value;

/** A cursor over samples that a query has computed. */
public interface HeldHistograms {

  /** The histogram that it stands on; only where the sample is none of floats. */
  Histogram held();
}
