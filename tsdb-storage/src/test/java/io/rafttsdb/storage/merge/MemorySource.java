package io.rafttsdb.storage.merge;

import io.rafttsdb.storage.block.ChunkSeries;
import io.rafttsdb.storage.block.ChunkSource;
import io.rafttsdb.storage.merge.RandomParts.Part;
import io.rafttsdb.storage.model.Bytewise;
import java.util.Iterator;
import java.util.TreeSet;

/** A part that is in memory. */
public record MemorySource(Part part) implements ChunkSource {

  @Override
  public Iterator<String> symbols() {
    TreeSet<String> symbols = new TreeSet<>(Bytewise.ORDER);
    symbols.add("");
    for (var labels : part.series().keySet()) {
      labels.forEach((name, value) -> {
        symbols.add(name);
        symbols.add(value);
      });
    }
    return symbols.iterator();
  }

  @Override
  public Iterator<ChunkSeries> series() {
    return part.series().entrySet().stream()
        .map(entry -> entry.getValue().toChunkSeries(entry.getKey()))
        .iterator();
  }
}
