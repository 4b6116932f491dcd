package io.rafttsdb.storage.manifest;

import io.rafttsdb.storage.model.Matcher;
import java.util.List;

/**
 * A delete that parts below the Head bear: samples of the series that fulfil all matchers.
 *
 * @param number 1 for the first delete of a shard, and so on
 * @param minMs first millisecond
 * @param maxMs last millisecond, inclusive
 */
public record BlockDelete(long number, List<Matcher> matchers, long minMs, long maxMs) {
  public BlockDelete {
    matchers = List.copyOf(matchers);
    if (number < 1 || minMs > maxMs) {
      throw new IllegalArgumentException("delete " + number + " of [" + minMs + ", " + maxMs + "]");
    }
  }

  /** Whether it has an effect on a part. */
  public boolean concerns(ManifestPart part) {
    return number > part.bakedDelete() && part.minMs() <= maxMs && minMs < part.endMs();
  }
}
