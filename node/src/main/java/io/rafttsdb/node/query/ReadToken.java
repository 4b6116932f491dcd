package io.rafttsdb.node.query;

import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a client has seen of a cluster: {@code <cluster id>;<shard>:<index>}, shards separated by
 * commas. A read that bears it sees at least as much, on any node.
 *
 * @param index of the entry of shard 0, the only one
 */
public record ReadToken(UUID clusterId, long index) {

  /** Of answers to writes and reads, and of reads. */
  public static final String HEADER = "X-Raft-Tsdb-Token";

  private static final Pattern FORM = Pattern.compile("([0-9a-fA-F-]{36});0:(\\d{1,18})");

  /**
   * Reads a token.
   *
   * @throws ApiError where it is none, or of another cluster
   */
  static ReadToken parse(String text, UUID clusterId) throws ApiError {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new ApiError(
          ApiError.Type.BAD_DATA,
          HEADER + ": expected <cluster id>;0:<index>, got \"" + text + "\"");
    }
    if (!matcher.group(1).equalsIgnoreCase(clusterId.toString())) {
      throw new ApiError(
          ApiError.Type.BAD_DATA,
          HEADER + ": it is of the cluster " + matcher.group(1) + ", this is " + clusterId);
    }
    return new ReadToken(clusterId, Long.parseLong(matcher.group(2)));
  }

  @Override
  public String toString() {
    return clusterId + ";0:" + index;
  }
}
