package io.rafttsdb.storage.model;

import java.util.List;

/**
 * What a selector asks of a storage: the series that fulfil all matchers and have a sample in
 * [minMs, maxMs], both ends included, milliseconds since 1970.
 */
public record Selection(List<Matcher> matchers, long minMs, long maxMs) {
  public Selection {
    matchers = List.copyOf(matchers);
    if (minMs > maxMs) {
      throw new IllegalArgumentException("empty time range [" + minMs + ", " + maxMs + "]");
    }
  }
}
