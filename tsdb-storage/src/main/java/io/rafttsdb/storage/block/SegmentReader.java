package io.rafttsdb.storage.block;

import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.chunk.CorruptChunk;
import io.rafttsdb.storage.chunk.Encoding;
import io.rafttsdb.storage.file.FileBytes;
import io.rafttsdb.storage.file.ReadableFile;
import io.rafttsdb.storage.index.ChunkMeta;
import io.rafttsdb.storage.model.CorruptFile;
import io.rafttsdb.storage.model.FormatTooNew;
import io.rafttsdb.storage.model.FormatTooOld;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;

/** Reads chunks from a block's segment files. On any thread, while the files are open. */
final class SegmentReader {

  /** Copied at once: most chunks are smaller. */
  private static final int AHEAD_BYTES = 512;

  private final Path directory;
  private final List<? extends ReadableFile> segments;

  /**
   * @param segments in order of their numbers, without gaps
   */
  SegmentReader(Path directory, List<? extends ReadableFile> segments) throws IOException {
    this.directory = directory;
    this.segments = List.copyOf(segments);
    for (ReadableFile segment : segments) {
      checkHeader(segment);
    }
  }

  private static void checkHeader(ReadableFile segment) throws IOException {
    byte[] header = segment.read(0, BlockFormat.SEGMENT_HEADER_BYTES);
    FileBytes in = new FileBytes(segment.path(), 0, header, 0, header.length);
    int magic = in.int32();
    if (magic != BlockFormat.SEGMENT_MAGIC) {
      HexFormat hex = HexFormat.of();
      throw new CorruptFile(
          segment.path(),
          0,
          "magic " + hex.toHexDigits(BlockFormat.SEGMENT_MAGIC) + " of a chunk segment",
          hex.toHexDigits(magic));
    }
    int version = in.uint8();
    int known = BlockFormat.SEGMENT_VERSION;
    if (version > known) {
      throw new FormatTooNew(segment.path(), BlockFormat.VERSION_OFFSET, known, version);
    }
    if (version < known) {
      throw new FormatTooOld(segment.path(), BlockFormat.VERSION_OFFSET, known, version);
    }
  }

  /** Length of all segments. */
  long sizeBytes() {
    return segments.stream().mapToLong(ReadableFile::sizeBytes).sum();
  }

  /** Length of a segment, counted from 0. */
  long sizeBytes(int segment) {
    return segments.get(segment).sizeBytes();
  }

  /** A chunk, and the place of what comes after it. */
  record Found(Chunk chunk, long end) {}

  /** Copies a chunk and checks it. */
  Chunk load(ChunkMeta meta) throws IOException {
    return find(meta).chunk();
  }

  /** Copies a chunk and checks it. */
  Found find(ChunkMeta meta) throws IOException {
    long number = meta.ref() >>> 32;
    long offset = meta.ref() & 0xffffffffL;
    if (number >= segments.size()) {
      throw new CorruptFile(
          directory, 0, "segment " + (number + 1) + " for " + meta, segments.size() + " segments");
    }
    ReadableFile file = segments.get((int) number);
    if (offset < BlockFormat.SEGMENT_HEADER_BYTES || offset >= file.sizeBytes()) {
      throw new CorruptFile(
          file.path(), offset, "a chunk for " + meta, "a file of " + file.sizeBytes() + " bytes");
    }
    byte[] bytes = file.read(offset, (int) Math.min(AHEAD_BYTES, file.sizeBytes() - offset));
    FileBytes in = new FileBytes(file.path(), offset, bytes, 0, bytes.length);
    int length = in.uvarint(BlockFormat.CHUNK_BYTES_MAX, "a chunk");
    int start = in.position();
    int size = start + 1 + length + Integer.BYTES;
    if (size > bytes.length) {
      file.checkRange(offset, size);
      int had = bytes.length;
      bytes = Arrays.copyOf(bytes, size);
      file.read(offset + had, bytes, had, size - had);
    }
    checkChecksum(file, offset, bytes, start, size);
    return new Found(chunk(file, offset, bytes, start, size, meta), offset + size);
  }

  private static void checkChecksum(
      ReadableFile file, long offset, byte[] bytes, int start, int size) throws CorruptFile {
    int end = size - Integer.BYTES;
    CRC32C crc = new CRC32C();
    crc.update(bytes, start, end - start);
    int found = new FileBytes(file.path(), offset + end, bytes, end, size).int32();
    if (found != (int) crc.getValue()) {
      throw new CorruptFile(
          file.path(),
          offset + end,
          "checksum " + HexFormat.of().toHexDigits((int) crc.getValue()) + " of a chunk",
          HexFormat.of().toHexDigits(found));
    }
  }

  private static Chunk chunk(
      ReadableFile file, long offset, byte[] bytes, int start, int size, ChunkMeta meta)
      throws CorruptFile {
    byte[] data = Arrays.copyOfRange(bytes, start + 1, size - Integer.BYTES);
    Chunk chunk;
    try {
      chunk = new Chunk(Encoding.of(bytes[start] & 0xff), meta.minMs(), meta.maxMs(), data);
    } catch (CorruptChunk | IllegalArgumentException e) {
      throw new CorruptFile(file.path(), offset, "a chunk", e.toString());
    }
    if (chunk.sampleCount() == 0) {
      throw new CorruptFile(file.path(), offset, "a chunk with samples", "one without");
    }
    return chunk;
  }
}
