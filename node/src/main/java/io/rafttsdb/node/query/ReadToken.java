package io.rafttsdb.node.query;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a client has seen of a cluster: {@code <cluster id>;<shard>:<index>}, shards separated by
 * commas. A read that bears it sees at least as much, on any node.
 *
 * @param indexes of the entry that was seen of each shard, by the shard's number; a shard of which
 *     nothing was seen is not there
 */
public record ReadToken(UUID clusterId, SortedMap<Integer, Long> indexes) {

  /** Of answers to writes and reads, and of reads. */
  public static final String HEADER = "X-Raft-Tsdb-Token";

  private static final Pattern FORM =
      Pattern.compile("([0-9a-fA-F-]{36});(\\d{1,2}:\\d{1,18}(?:,\\d{1,2}:\\d{1,18}){0,99})");

  public ReadToken {
    indexes = new TreeMap<>(indexes);
  }

  /** Of an entry of one shard. */
  public ReadToken(UUID clusterId, int shard, long index) {
    this(clusterId, new TreeMap<>(Map.of(shard, index)));
  }

  /** Of an entry of each shard, in order; below 0: nothing was seen of it. */
  static ReadToken ofAll(UUID clusterId, List<Long> indexes) {
    SortedMap<Integer, Long> seen = new TreeMap<>();
    for (int shard = 0; shard < indexes.size(); shard++) {
      if (indexes.get(shard) >= 0) {
        seen.put(shard, indexes.get(shard));
      }
    }
    return new ReadToken(clusterId, seen);
  }

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
          HEADER + ": expected <cluster id>;<shard>:<index>,..., got \"" + text + "\"");
    }
    if (!matcher.group(1).equalsIgnoreCase(clusterId.toString())) {
      throw new ApiError(
          ApiError.Type.BAD_DATA,
          HEADER + ": it is of the cluster " + matcher.group(1) + ", this is " + clusterId);
    }
    return new ReadToken(clusterId, indexes(matcher.group(2)));
  }

  private static SortedMap<Integer, Long> indexes(String text) {
    SortedMap<Integer, Long> indexes = new TreeMap<>();
    for (String pair : text.split(",", -1)) {
      int colon = pair.indexOf(':');
      indexes.merge(
          Integer.valueOf(pair.substring(0, colon)),
          Long.valueOf(pair.substring(colon + 1)),
          Math::max);
    }
    return indexes;
  }

  /**
   * Joins what answers about some shards bear.
   *
   * @param tokens of one cluster, each as it was sent; what is none is left out
   */
  public static ReadToken joined(UUID clusterId, List<String> tokens) {
    SortedMap<Integer, Long> joined = new TreeMap<>();
    for (String token : tokens) {
      Matcher matcher = FORM.matcher(token);
      if (matcher.matches() && matcher.group(1).equalsIgnoreCase(clusterId.toString())) {
        indexes(matcher.group(2)).forEach((shard, index) -> joined.merge(shard, index, Math::max));
      }
    }
    return new ReadToken(clusterId, joined);
  }

  /** What was seen of a shard; -1: nothing. */
  long indexOf(int shard) {
    return indexes.getOrDefault(shard, -1L);
  }

  @Override
  public String toString() {
    List<String> pairs = new ArrayList<>();
    indexes.forEach((shard, index) -> pairs.add(shard + ":" + index));
    return clusterId + ";" + String.join(",", pairs);
  }
}
