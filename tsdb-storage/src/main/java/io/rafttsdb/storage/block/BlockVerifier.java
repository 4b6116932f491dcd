package io.rafttsdb.storage.block;

import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.chunk.CorruptChunk;
import io.rafttsdb.storage.file.ChannelFile;
import io.rafttsdb.storage.file.ReadAhead;
import io.rafttsdb.storage.file.ReadableFile;
import io.rafttsdb.storage.index.ChunkMeta;
import io.rafttsdb.storage.index.IndexVerifier;
import io.rafttsdb.storage.index.SeriesCursor;
import io.rafttsdb.storage.model.CorruptFile;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SampleKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.LongConsumer;

/**
 * Checks everything that a block on disk can be checked for, the way a scrubber should: by system
 * calls, which report a bad sector, and at a bounded rate. The first problem is thrown.
 *
 * <p>Checked are all checksums, the index in itself ({@link IndexVerifier}), that the chunks of the
 * series lie in the segments one after the other without gaps, every sample's order, the first and
 * last timestamps, the time range and the counts of meta.json, and the tombstones. The count of
 * tombstones in meta.json is not: nothing believes it.
 */
public final class BlockVerifier {

  private final Path directory;
  private final BlockMeta meta;
  private final List<ReadableFile> files;
  private final SegmentReader segments;
  private final TreeSet<Long> tombstoneIds;
  private long floats;
  private long histograms;
  private long chunks;
  private int segment = -1;
  private long offset;

  private BlockVerifier(
      Path directory, BlockMeta meta, List<ReadableFile> files, Tombstones tombstones)
      throws IOException {
    this.directory = directory;
    this.meta = meta;
    this.files = files;
    this.segments = new SegmentReader(directory.resolve(BlockFormat.CHUNKS), files);
    this.tombstoneIds = new TreeSet<>(tombstones.bySeries().keySet());
  }

  /**
   * Checks a block.
   *
   * @param beforeRead is told the bytes of each read before it happens, and may make it wait
   * @return what meta.json says
   * @throws CorruptFile on the first problem
   * @throws IOException where a file can't be read
   */
  public static BlockMeta verify(Path directory, LongConsumer beforeRead) throws IOException {
    List<ChannelFile> opened = new ArrayList<>();
    try {
      BlockMeta meta = Block.readMeta(directory);
      ChannelFile tombstones =
          ChannelFile.open(directory.resolve(BlockFormat.TOMBSTONES), beforeRead);
      opened.add(tombstones);
      ChannelFile index = ChannelFile.open(directory.resolve(BlockFormat.INDEX), beforeRead);
      opened.add(index);
      List<ReadableFile> segments = new ArrayList<>();
      for (Path path : Block.segmentFiles(directory)) {
        ChannelFile segment = ChannelFile.open(path, beforeRead);
        opened.add(segment);
        segments.add(new ReadAhead(segment));
      }
      new BlockVerifier(directory, meta, segments, Tombstones.read(tombstones)).verify(index);
      return meta;
    } finally {
      for (ChannelFile file : opened) {
        file.close();
      }
    }
  }

  private void verify(ReadableFile index) throws IOException {
    long series = IndexVerifier.verify(index, this::checkSeries);
    if (segment + 1 != files.size() || (segment >= 0 && offset != segments.sizeBytes(segment))) {
      throw new CorruptFile(
          directory.resolve(BlockFormat.CHUNKS),
          offset,
          "the end of " + files.size() + " segments after the last chunk",
          "more behind offset " + offset + " of segment " + (segment + 1));
    }
    if (!tombstoneIds.isEmpty()) {
      throw new CorruptFile(
          directory.resolve(BlockFormat.TOMBSTONES),
          BlockFormat.TOMBSTONES_HEADER_BYTES,
          "series of this block",
          "series id " + tombstoneIds.first());
    }
    checkCount("series", meta.stats().series(), series);
    checkCount("chunks", meta.stats().chunks(), chunks);
    checkCount("samples", meta.stats().samples(), floats + histograms);
    if (meta.stats().floatSamples() + meta.stats().histogramSamples() > 0) {
      checkCount("float samples", meta.stats().floatSamples(), floats);
      checkCount("histogram samples", meta.stats().histogramSamples(), histograms);
    }
  }

  private void checkCount(String what, long said, long counted) throws CorruptFile {
    if (said != counted) {
      throw new CorruptFile(
          directory.resolve(BlockFormat.META), 0, counted + " " + what, said + " " + what);
    }
  }

  private void checkSeries(SeriesCursor cursor) throws IOException {
    tombstoneIds.remove(cursor.id());
    for (int i = 0; i < cursor.chunkCount(); i++) {
      ChunkMeta chunk = cursor.chunk(i);
      if (segment < 0
          || (chunk.ref() >>> 32 == segment + 1 && offset == segments.sizeBytes(segment))) {
        segment++;
        offset = BlockFormat.SEGMENT_HEADER_BYTES;
      }
      long expected = (long) segment << 32 | offset;
      if (chunk.ref() != expected) {
        throw new CorruptFile(
            directory.resolve(BlockFormat.INDEX),
            cursor.fileOffset(),
            "a chunk at offset " + offset + " of segment " + (segment + 1),
            chunk.toString());
      }
      SegmentReader.Found found = segments.find(chunk);
      checkSamples(found.chunk());
      offset = found.end();
      chunks++;
    }
  }

  private void checkSamples(Chunk chunk) throws CorruptFile {
    int count = 0;
    long lastMs = 0;
    try {
      for (SampleCursor samples = chunk.samples(); samples.next(); count++) {
        long nextMs = samples.timestampMs();
        if (count == 0 ? nextMs != chunk.minMs() : nextMs <= lastMs) {
          throw corrupt(
              count == 0 ? "a first sample at " + chunk.minMs() : "a sample after " + lastMs,
              "one at " + nextMs);
        }
        lastMs = nextMs;
      }
    } catch (CorruptChunk e) {
      throw corrupt("samples", e.toString());
    }
    if (count == 0 || lastMs != chunk.maxMs()) {
      throw corrupt("a last sample at " + chunk.maxMs(), count + " samples up to " + lastMs);
    }
    if (chunk.minMs() < meta.minMs() || chunk.maxMs() >= meta.endMs()) {
      throw corrupt(
          "samples in [" + meta.minMs() + ", " + meta.endMs() + ")",
          "some in [" + chunk.minMs() + ", " + chunk.maxMs() + "]");
    }
    if (chunk.encoding().kind() == SampleKind.FLOAT) {
      floats += count;
    } else {
      histograms += count;
    }
  }

  /** An error of the chunk that begins at the present place. */
  private CorruptFile corrupt(String expected, String found) {
    return new CorruptFile(files.get(segment).path(), offset, expected, found);
  }
}
