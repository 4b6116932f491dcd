package io.rafttsdb.storage.model;

/** A query selects more than its caller allows; narrower matchers or a higher limit help. */
public final class LimitExceeded extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int seriesMax;

  public LimitExceeded(int seriesMax) {
    super("the query selects more than " + seriesMax + " series; use narrower matchers");
    this.seriesMax = seriesMax;
  }

  /** The limit that was exceeded. */
  public int seriesMax() {
    return seriesMax;
  }
}
