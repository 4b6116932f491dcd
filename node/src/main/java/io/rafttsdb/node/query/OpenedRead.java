package io.rafttsdb.node.query;

import io.rafttsdb.node.http.HttpReply;
import io.rafttsdb.storage.Tsdb;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The storage, as a read was let to it.
 *
 * @param timeMs by this node's clock, in milliseconds since 1970
 * @param clusterId null where nobody knows it
 */
record OpenedRead(Tsdb storage, Consistency consistency, long timeMs, @Nullable UUID clusterId) {

  /** By what the read was answered. */
  private static final String CONSISTENCY_HEADER = "X-Raft-Tsdb-Consistency";

  /** When, in milliseconds since 1970. */
  private static final String TIME_HEADER = "X-Raft-Tsdb-Time";

  /** The reply with what it was read from, the state after the entry of this index. */
  HttpReply mark(HttpReply reply, long index) {
    HttpReply marked =
        reply
            .withHeader(ApiReply.INDEX_HEADER, Long.toString(index))
            .withHeader(CONSISTENCY_HEADER, consistency.toString())
            .withHeader(TIME_HEADER, Long.toString(timeMs));
    return clusterId == null || index < 0
        ? marked
        : marked.withHeader(ReadToken.HEADER, new ReadToken(clusterId, index).toString());
  }
}
