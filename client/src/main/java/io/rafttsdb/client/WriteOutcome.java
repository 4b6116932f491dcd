package io.rafttsdb.client;

/** What the cluster said to a write, or what is known of it when it said nothing. */
public sealed interface WriteOutcome {

  /** Every sample is on the disks of a majority, and any linearizable read sees it. */
  record Acknowledged() implements WriteOutcome {}

  /**
   * Some samples were refused for good, which {@code text} tells; all others of the request are
   * stored as though acknowledged.
   *
   * @param status the HTTP status: 400 for refused samples, other 4xx for the whole request
   */
  record Refused(int status, String text) implements WriteOutcome {}

  /**
   * No answer that settles it came within the deadline: each sample of the request may be stored,
   * or may still be stored later. The same request may be sent again.
   *
   * @param lastError what the last attempt met
   */
  record Unknown(String lastError) implements WriteOutcome {}
}
