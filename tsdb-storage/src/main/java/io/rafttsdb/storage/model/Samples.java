package io.rafttsdb.storage.model;

/** Bit patterns with a meaning of their own, compared as bits: arithmetic changes them. */
public final class Samples {

  /** The stale marker: the series has ended here (Prometheus, model/value). */
  public static final long STALE = 0x7ff0000000000002L;

  /** An ordinary "not a number". */
  public static final long NAN = 0x7ff8000000000001L;

  private Samples() {}
}
