package io.rafttsdb.storage.head;

import io.rafttsdb.storage.chunk.XorReader;
import io.rafttsdb.storage.head.HeadChunk.DiskChunk;
import io.rafttsdb.storage.spill.SpillPlace;
import io.rafttsdb.storage.spill.SpillScan;
import io.rafttsdb.storage.spill.SpilledChunk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Looks in the files beside an image for the chunks that it names: reads all of every file, in
 * order, and asks for each chunk there whether a series has it. For one thread.
 */
final class NamedChunks {

  private final SeriesTable table;
  private final Map<Integer, Long> newestMs = new HashMap<>();
  private long foundCount;

  /**
   * @param table all series of the image
   */
  NamedChunks(SeriesTable table) {
    this.table = table;
  }

  /**
   * Looks through the files.
   *
   * @throws io.rafttsdb.storage.model.CorruptFile where one is damaged
   */
  void find(List<Path> files) throws IOException {
    for (Path file : files) {
      SpillScan.ended(file, bytes -> {}, this::look);
    }
  }

  private void look(SpilledChunk spilled) {
    MemSeries series = table.series(spilled.seriesRef());
    HeadChunk chunk = series == null ? null : series.newest();
    while (chunk != null) {
      if (isHere(chunk, spilled)) {
        foundCount++;
        newestMs.merge(SpillPlace.file(spilled.place()), chunk.minMs, Math::max);
        return;
      }
      chunk = chunk.previous();
    }
  }

  private static boolean isHere(HeadChunk chunk, SpilledChunk spilled) {
    if (chunk.bytes() != null || chunk.place() != spilled.place()) {
      return false;
    }
    byte[] data = spilled.chunk().data();
    DiskChunk named =
        new DiskChunk(chunk.place(), chunk.sampleCount(), chunk.lengthBytes(), chunk.checksum());
    return XorReader.countOf(data) > 0
        && chunk.encoding() == spilled.chunk().encoding()
        && chunk.minMs == spilled.chunk().minMs()
        && chunk.closedMaxMs() == spilled.chunk().maxMs()
        && named.equals(DiskChunk.of(spilled.place(), data));
  }

  /** How many were found, each once. */
  long foundCount() {
    return foundCount;
  }

  /** By the number of a file, start of the newest of them in it. */
  Map<Integer, Long> newestMs() {
    return newestMs;
  }
}
