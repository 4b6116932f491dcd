package io.rafttsdb.storage.block;

import java.io.IOException;
import java.util.Iterator;

/** A part of the storage as a block is built from it: everything once, in order. */
public interface ChunkSource {

  /** All label names and values, sorted bytewise, each once, the empty string among them or not. */
  Iterator<String> symbols() throws IOException;

  /**
   * All series, sorted by labels. What can't be read comes out as an {@link
   * java.io.UncheckedIOException}.
   */
  Iterator<ChunkSeries> series() throws IOException;
}
