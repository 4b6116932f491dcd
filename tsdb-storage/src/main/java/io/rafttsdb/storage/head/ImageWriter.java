package io.rafttsdb.storage.head;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import io.rafttsdb.storage.block.Intervals;
import io.rafttsdb.storage.block.Intervals.Interval;
import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.chunk.Encoding;
import io.rafttsdb.storage.chunk.XorWriter;
import io.rafttsdb.storage.head.FrozenHead.FrozenHistograms;
import io.rafttsdb.storage.manifest.ManifestCodec;
import io.rafttsdb.storage.model.HistogramEncoding;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SealedRange;
import io.rafttsdb.storage.model.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes a {@link FrozenHead} as an image, or hashes it (docs/format/head-image.md). */
public final class ImageWriter {

  private final FrozenHead frozen;
  private final CanonicalOutput output;

  /** Copy of an open chunk, without what came later. */
  private byte[] scratch = new byte[0];

  /** Series whose labels were written. */
  private final BitSet written = new BitSet();

  private ImageWriter(FrozenHead frozen, CanonicalOutput output) {
    this.frozen = frozen;
    this.output = output;
  }

  /**
   * Writes an image to a file, which is created or replaced, and forces it to disk. The directory
   * is the caller's to force.
   *
   * @return the state hash
   */
  public static byte[] write(FrozenHead frozen, Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, CREATE, TRUNCATE_EXISTING, WRITE)) {
      CanonicalOutput output = new CanonicalOutput(channel);
      byte[] hash = new ImageWriter(frozen, output).write();
      channel.force(true);
      return hash;
    }
  }

  /** The hash alone. */
  public static byte[] hash(FrozenHead frozen) {
    try {
      return new ImageWriter(frozen, new CanonicalOutput(null)).write();
    } catch (IOException e) {
      throw new UncheckedIOException("no file is written", e);
    }
  }

  private byte[] write() throws IOException {
    output.u32(ImageFormat.MAGIC);
    output.u32(ImageFormat.VERSION);
    output.i64(frozen.index());
    output.beginHash();
    writeSettings(frozen.settings());
    output.i64(frozen.nextRef());
    output.i64(frozen.maxMs());
    output.i64(frozen.sealedUpToMs());
    output.uvarint(frozen.waiting().size());
    for (SealedRange range : frozen.waiting()) {
      writeRange(range);
    }
    byte[] manifest = ManifestCodec.encode(frozen.manifest());
    output.uvarint(manifest.length);
    output.bytes(manifest, manifest.length);
    writeHead();
    byte[] hash = output.endHash();
    output.uvarint(frozen.parts().size());
    for (InOrderPart part : frozen.parts().reversed()) {
      writePart(part);
    }
    output.uvarint(frozen.outOfOrderParts().size());
    for (OutOfOrderPart part : frozen.outOfOrderParts()) {
      writePart(part);
    }
    output.u32(output.crc());
    output.flush();
    return hash;
  }

  private void writeSettings(@Nullable Settings settings) throws IOException {
    output.u8(settings == null ? ImageFormat.SETTINGS_ABSENT : ImageFormat.SETTINGS_PRESENT);
    output.i64(settings == null ? 0 : settings.blockRangeMs());
    output.i64(settings == null ? 0 : settings.outOfOrderWindowMs());
  }

  private void writeRange(SealedRange range) throws IOException {
    output.i64(range.ulid().high());
    output.i64(range.ulid().low());
    output.u8(
        switch (range.kind()) {
          case IN_ORDER -> ImageFormat.KIND_IN_ORDER;
          case OUT_OF_ORDER -> ImageFormat.KIND_OUT_OF_ORDER;
        });
    output.i64(range.fromMs());
    output.i64(range.upToMs());
  }

  private void writeHead() throws IOException {
    long refBefore = 0;
    for (int i = 0; i < frozen.seriesCount(); i++) {
      if (frozen.isLive(i)) {
        MemSeries series = frozen.series(i);
        writeRefAndLabels(series, refBefore);
        refBefore = series.ref;
        writeInOrder(i);
        writeIntervals(frozen.deletes().of(series.ref, frozen.sealedUpToMs(), Long.MAX_VALUE));
        writeOutOfOrder(frozen.outOfOrder(i));
      }
    }
    output.uvarint(0);
  }

  private void writeInOrder(int i) throws IOException {
    HeadChunk open = frozen.open(i);
    if (open == null) {
      output.uvarint(0);
      return;
    }
    List<HeadChunk> closed = closedBefore(open);
    output.uvarint(closed.size() + 1L);
    for (HeadChunk chunk : closed) {
      writeClosed(chunk.encoding, chunk.minMs, chunk.closedMaxMs(), chunk.bytes());
    }
    writeOpen(open, i);
  }

  private void writeOutOfOrder(OutOfOrder samples) throws IOException {
    output.uvarint(samples.chunks().size());
    for (Chunk chunk : samples.chunks()) {
      writeClosed(chunk.encoding(), chunk.minMs(), chunk.maxMs(), chunk.data());
    }
    writeBuffer(samples.buffer());
    writeIntervals(samples.deleted());
  }

  private void writeBuffer(SampleBuffer buffer) throws IOException {
    output.uvarint(buffer.count());
    for (int i = 0; i < buffer.count(); i++) {
      output.i64(buffer.timestampMs(i));
      NativeHistogram histogram = buffer.histogram(i);
      if (histogram == null) {
        output.uvarint(ImageFormat.FLOAT);
        output.i64(buffer.valueBits(i));
      } else {
        byte[] bytes = HistogramEncoding.encode(histogram);
        output.uvarint(bytes.length);
        output.bytes(bytes, bytes.length);
      }
    }
  }

  private void writeIntervals(Intervals intervals) throws IOException {
    output.uvarint(intervals.ranges().size());
    for (Interval each : intervals.ranges()) {
      output.i64(each.minMs());
      output.i64(each.maxMs());
    }
  }

  private void writePart(OutOfOrderPart part) throws IOException {
    writeRange(part.range());
    long refBefore = 0;
    for (int i = 0; i < part.seriesCount(); i++) {
      writeRefAndLabels(part.series(i), refBefore);
      refBefore = part.series(i).ref;
      writeOutOfOrder(part.samples(i));
      writeIntervals(part.deletedLater(part.series(i).ref));
    }
    output.uvarint(0);
  }

  private void writePart(InOrderPart part) throws IOException {
    writeRange(part.range());
    long refBefore = 0;
    for (int i = 0; i < frozen.seriesCount(); i++) {
      MemSeries series = frozen.series(i);
      HeadChunk newest = part.newest(frozen.newest(i), series.ref);
      if (newest != null) {
        writeRefAndLabels(series, refBefore);
        refBefore = series.ref;
        List<HeadChunk> chunks = part.chunks(newest, series.ref);
        output.uvarint(chunks.size());
        for (HeadChunk each : chunks) {
          Chunk chunk = series.whole(each);
          writeClosed(chunk.encoding(), chunk.minMs(), chunk.maxMs(), chunk.data());
        }
        writeIntervals(part.deleted(series.ref));
        // No wider than its samples: how far a delete reached beyond them may have been bounded by
        // a part that was forgotten since.
        writeIntervals(
            frozen
                .deletes()
                .of(series.ref, chunks.getFirst().minMs, series.maxMsOf(chunks.getLast()) + 1));
      }
    }
    output.uvarint(0);
  }

  private void writeRefAndLabels(MemSeries series, long refBefore) throws IOException {
    output.uvarint(series.ref - refBefore);
    int place = frozen.place(series.ref);
    if (written.get(place)) {
      output.uvarint(ImageFormat.LABELS_KNOWN);
      return;
    }
    written.set(place);
    byte[] labels = series.labels.canonical();
    output.uvarint(labels.length + 1L);
    output.bytes(labels, labels.length);
  }

  private void writeClosed(Encoding encoding, long minMs, long maxMs, byte[] bytes)
      throws IOException {
    output.u8(encoding.code());
    output.zigzag(minMs);
    output.uvarint(maxMs - minMs);
    output.uvarint(bytes.length);
    output.bytes(bytes, bytes.length);
  }

  /** The Head's chunks before its newest, oldest first. */
  private List<HeadChunk> closedBefore(HeadChunk newest) {
    List<HeadChunk> closed = new ArrayList<>();
    HeadChunk chunk = newest.previous();
    while (chunk != null && chunk.minMs >= frozen.sealedUpToMs()) {
      closed.addFirst(chunk);
      chunk = chunk.previous();
    }
    return closed;
  }

  private void writeOpen(HeadChunk chunk, int i) throws IOException {
    FrozenHistograms histograms = frozen.openHistograms(i);
    int size = XorWriter.sizeBytes(frozen.openBitLength(i));
    if (scratch.length < size) {
      scratch = new byte[size * 2];
    }
    byte[] array = histograms == null ? chunk.bytes() : histograms.array();
    System.arraycopy(array, 0, scratch, 0, size);
    XorWriter.endAt(scratch, frozen.openBitLength(i), frozen.openCount(i));
    output.u8(chunk.encoding.code());
    output.uvarint(size);
    output.bytes(scratch, size);
    if (histograms != null) {
      output.u8(histograms.isPlanned() ? ImageFormat.END_PLANNED : ImageFormat.END_OF_RANGE);
      if (histograms.isPlanned()) {
        output.i64(histograms.endMs());
      }
    }
  }
}
