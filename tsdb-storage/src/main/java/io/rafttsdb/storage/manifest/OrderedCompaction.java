package io.rafttsdb.storage.manifest;

import io.rafttsdb.storage.model.Ulid;
import java.util.List;

/**
 * A compaction that was ordered and whose result no majority has built yet. The sources stay in the
 * manifest meanwhile.
 *
 * @param result name of the block to build
 * @param sources in the manifest's order, which decides between equal timestamps
 * @param bakedDelete the last delete that the result carries out
 */
public record OrderedCompaction(Ulid result, List<Ulid> sources, long bakedDelete) {
  public OrderedCompaction {
    sources = List.copyOf(sources);
    if (sources.isEmpty()) {
      throw new IllegalArgumentException("compaction " + result + " without sources");
    }
  }
}
