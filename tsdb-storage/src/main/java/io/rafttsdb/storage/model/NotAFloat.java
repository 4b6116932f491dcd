package io.rafttsdb.storage.model;

/** A sample's float was asked for where the sample is a native histogram. */
public final class NotAFloat extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  public NotAFloat(SampleKind kind) {
    super("a float was asked for at a sample of kind " + kind);
  }
}
