package io.rafttsdb.node.query;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a read asks of the state that it sees.
 *
 * @param stalenessMax of a stale read: how old the state may be; null: however old
 * @param token as sent, of what it has to see in any case; empty: nothing
 */
record ReadDemand(Consistency consistency, @Nullable Duration stalenessMax, String token) {

  ReadDemand {
    if (stalenessMax != null && stalenessMax.isNegative()) {
      throw new IllegalArgumentException("staleness of " + stalenessMax);
    }
  }
}
