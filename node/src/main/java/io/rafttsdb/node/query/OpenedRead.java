package io.rafttsdb.node.query;

import io.rafttsdb.node.http.HttpReply;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The storages, as a read was let to them.
 *
 * @param timeMs by this node's clock, in milliseconds since 1970
 * @param clusterId null where nobody knows it
 */
record OpenedRead(
    Storages storage, Consistency consistency, long timeMs, @Nullable UUID clusterId) {

  /** By what the read was answered. */
  private static final String CONSISTENCY_HEADER = "X-Raft-Tsdb-Consistency";

  /** When, in milliseconds since 1970. */
  private static final String TIME_HEADER = "X-Raft-Tsdb-Time";

  /**
   * The reply with what it was read from.
   *
   * @param indexes of each shard the entry after which its state was read; none: nothing was read
   */
  HttpReply mark(HttpReply reply, List<Long> indexes) {
    HttpReply marked =
        reply
            .withHeader(CONSISTENCY_HEADER, consistency.toString())
            .withHeader(TIME_HEADER, Long.toString(timeMs));
    if (indexes.isEmpty()) {
      return marked;
    }
    marked =
        marked.withHeader(
            ApiReply.INDEX_HEADER,
            indexes.stream().map(String::valueOf).collect(Collectors.joining(",")));
    if (clusterId == null || indexes.stream().allMatch(index -> index < 0)) {
      return marked;
    }
    return marked.withHeader(ReadToken.HEADER, ReadToken.ofAll(clusterId, indexes).toString());
  }
}
