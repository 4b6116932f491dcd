package io.rafttsdb.storage.head;

import io.rafttsdb.storage.block.Intervals;
import io.rafttsdb.storage.block.Intervals.Interval;
import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.chunk.XorReader;
import io.rafttsdb.storage.chunk.XorWriter;
import io.rafttsdb.storage.file.DiskFile;
import io.rafttsdb.storage.head.FrozenHead.FrozenHistograms;
import io.rafttsdb.storage.manifest.ManifestCodec;
import io.rafttsdb.storage.model.HistogramEncoding;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SealedRange;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.spill.SpillPlace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes a {@link FrozenHead} as an image, or hashes it (docs/format/head-image.md). Chunks in
 * files that stand beside the image are named in it, all others are carried.
 */
public final class ImageWriter {

  private final FrozenHead frozen;
  private final CanonicalOutput output;

  /** Numbers of the files beside the image. */
  private final Set<Integer> files;

  private final What what;

  private enum What {
    IMAGE,
    /** What is not hashed need not be read. */
    HASH
  }

  /** Copy of an open chunk, without what came later. */
  private byte[] scratch = new byte[0];

  /** Series whose labels were written. */
  private final BitSet written = new BitSet();

  private ImageWriter(FrozenHead frozen, CanonicalOutput output, Set<Integer> files, What what) {
    this.frozen = frozen;
    this.output = output;
    this.files = files;
    this.what = what;
  }

  /**
   * Writes an image to a file and forces it to disk. Closing the file, and forcing its directory,
   * are the caller's.
   *
   * @param files numbers of the files of full chunks that {@link #link} linked
   * @return the state hash
   */
  public static byte[] write(FrozenHead frozen, DiskFile image, Set<Integer> files)
      throws IOException {
    CanonicalOutput output = new CanonicalOutput(image);
    byte[] hash = new ImageWriter(frozen, output, files, What.IMAGE).write();
    image.force();
    return hash;
  }

  /**
   * Makes hard links to the files that have full chunks of the state, and to others; to the present
   * one too, which is ended for it.
   *
   * @param into directory that is there and empty, whose own name is its parent's matter
   * @return numbers of the files
   */
  public static Set<Integer> link(FrozenHead frozen, Path into) throws IOException {
    return frozen.chunks().link(into);
  }

  /** The hash alone. */
  public static byte[] hash(FrozenHead frozen) {
    try {
      return new ImageWriter(frozen, new CanonicalOutput(null), Set.of(), What.HASH).write();
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
    output.u32(frozen.clusterVersion());
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
    if (what == What.HASH) {
      return hash;
    }
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
    output.i64(settings == null ? 0 : settings.retentionMs());
    output.i64(settings == null ? 0 : settings.retentionBytes());
    output.u8(settings == null ? 0 : settings.rangeFactor());
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
    List<HeadChunk> closed = closedBefore(frozen.series(i).ref, open);
    output.uvarint(closed.size() + 1L);
    for (HeadChunk chunk : closed) {
      byte[] memory = chunk.bytes();
      writeFacts(chunk, chunk.closedMaxMs(), memory);
      output.pauseHash();
      writeBytes(frozen.series(i).ref, chunk, memory);
      output.beginHash();
    }
    writeOpen(open, i);
  }

  private void writeOutOfOrder(OutOfOrder samples) throws IOException {
    output.uvarint(samples.chunks().size());
    for (Chunk chunk : samples.chunks()) {
      output.u8(chunk.encoding().code());
      output.zigzag(chunk.minMs());
      output.uvarint(chunk.maxMs() - chunk.minMs());
      output.uvarint(chunk.data().length);
      output.bytes(chunk.data(), chunk.data().length);
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
        for (HeadChunk chunk : chunks) {
          long maxMs = series.maxMsOf(chunk);
          byte[] memory = series.wholeBytes(chunk);
          writeFacts(chunk, maxMs, memory);
          writeBytes(series.ref, chunk, memory);
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
    byte[] labels = series.labels().canonical();
    output.uvarint(labels.length + 1L);
    output.bytes(labels, labels.length);
  }

  /**
   * Writes what a closed chunk is, wherever it is.
   *
   * @param memory its bytes; null where they are on disk
   */
  private void writeFacts(HeadChunk chunk, long maxMs, byte @Nullable [] memory)
      throws IOException {
    output.u8(chunk.encoding().code());
    output.zigzag(chunk.minMs);
    output.uvarint(maxMs - chunk.minMs);
    output.uvarint(memory == null ? chunk.sampleCount() : XorReader.countOf(memory));
    output.uvarint(memory == null ? chunk.lengthBytes() : memory.length);
    output.u32(memory == null ? chunk.checksum() : HeadChunk.checksum(memory));
  }

  /** Names the place of a closed chunk in a file beside the image, or carries its bytes. */
  private void writeBytes(long ref, HeadChunk chunk, byte @Nullable [] memory) throws IOException {
    if (what == What.HASH) {
      return;
    }
    if (memory == null && files.contains(SpillPlace.file(chunk.place()))) {
      output.uvarint(chunk.place());
      return;
    }
    byte[] bytes = memory == null ? frozen.bytes(ref, chunk) : memory;
    output.uvarint(ImageFormat.CARRIED);
    output.bytes(bytes, bytes.length);
  }

  /** The Head's chunks before its newest, oldest first. */
  private List<HeadChunk> closedBefore(long ref, HeadChunk newest) {
    List<HeadChunk> closed = new ArrayList<>();
    HeadChunk chunk = frozen.before(ref, newest);
    while (chunk != null) {
      closed.addFirst(chunk);
      chunk = frozen.before(ref, chunk);
    }
    return closed;
  }

  private void writeOpen(HeadChunk chunk, int i) throws IOException {
    FrozenHistograms histograms = frozen.openHistograms(i);
    int size = XorWriter.sizeBytes(frozen.openBitLength(i));
    if (scratch.length < size) {
      scratch = new byte[size * 2];
    }
    byte[] array =
        histograms == null ? frozen.bytes(frozen.series(i).ref, chunk) : histograms.array();
    System.arraycopy(array, 0, scratch, 0, size);
    XorWriter.endAt(scratch, frozen.openBitLength(i), frozen.openCount(i));
    output.u8(chunk.encoding().code());
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
