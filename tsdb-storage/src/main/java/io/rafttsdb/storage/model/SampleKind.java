package io.rafttsdb.storage.model;

/** What a sample's value is. */
public enum SampleKind {
  FLOAT,
  /** A native histogram with integer counts. */
  HISTOGRAM,
  /** A native histogram with float counts. */
  FLOAT_HISTOGRAM
}
