package io.rafttsdb.storage.head;

import io.rafttsdb.storage.chunk.ChunkCut;
import io.rafttsdb.storage.chunk.CorruptChunk;
import io.rafttsdb.storage.chunk.Encoding;
import io.rafttsdb.storage.chunk.HistogramReader;
import io.rafttsdb.storage.chunk.OpenHistograms;
import io.rafttsdb.storage.chunk.XorReader;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleCursor;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads from an image what the Head has of a series in order. The samples of the open chunk are
 * read, which leaves its writer where it stood. For one thread.
 */
final class InOrderInput {

  private final CanonicalInput input;
  private final ChunkInput chunks;
  private final HeadRestoring head;
  private final long sealedUpToMs;
  private final long rangeMs;

  /**
   * @param sealedUpToMs no chunk is before
   * @param rangeMs length of block ranges
   */
  InOrderInput(
      CanonicalInput input,
      ChunkInput chunks,
      HeadRestoring head,
      long sealedUpToMs,
      long rangeMs) {
    this.input = input;
    this.chunks = chunks;
    this.head = head;
    this.sealedUpToMs = sealedUpToMs;
    this.rangeMs = rangeMs;
  }

  /** Reads what follows the labels of a live series: its chunks in order, perhaps none. */
  MemSeries read(long ref, Labels labels) throws IOException {
    long count = input.uvarint();
    if (count == 0) {
      return new MemSeries(head.table().pageFor(ref), ref, head.share(labels));
    }
    HeadChunk closed = null;
    long samples = 0;
    for (long i = 1; i < count; i++) {
      closed = chunks.closed(closed, samples, sealedUpToMs);
      samples += closed.sampleCount();
    }
    Encoding encoding = chunks.encoding();
    byte[] open = chunks.bytes(encoding);
    Place place = new Place(ref, labels, closed, samples);
    try {
      return encoding == Encoding.XOR ? resume(place, open) : resume(place, encoding, open);
    } catch (CorruptChunk e) {
      throw input.corrupt("an open chunk before", String.valueOf(e.getMessage()));
    }
  }

  /**
   * What is known of a series of the Head before its open chunk.
   *
   * @param samplesBefore in the closed chunks
   */
  private record Place(long ref, Labels labels, @Nullable HeadChunk closed, long samplesBefore) {

    HeadChunk open(Encoding encoding, long minMs, byte[] bytes) {
      return new HeadChunk(encoding, closed, samplesBefore, minMs, bytes);
    }
  }

  private MemSeries resume(Place place, byte[] open) throws IOException {
    XorReader samples = new XorReader(open, XorReader.countOf(open));
    long minMs = firstMs(place, samples);
    long newestMs = minMs;
    long predictMs = minMs;
    while (samples.next()) {
      newestMs = laterMs(samples, newestMs);
      if (samples.read() == ChunkCut.SAMPLES_PREDICT) {
        predictMs = newestMs;
      }
    }
    return new MemSeries(
        head.table().pageFor(place.ref),
        place.ref,
        head.share(place.labels),
        place.open(Encoding.XOR, minMs, open),
        samples.toWriter(),
        predictMs,
        rangeMs);
  }

  private MemSeries resume(Place place, Encoding encoding, byte[] open) throws IOException {
    HistogramReader samples = new HistogramReader(encoding.kind(), open, XorReader.countOf(open));
    long minMs = firstMs(place, samples);
    long newestMs = minMs;
    while (samples.next()) {
      newestMs = laterMs(samples, newestMs);
    }
    int planned = input.u8();
    if (planned != ImageFormat.END_PLANNED && planned != ImageFormat.END_OF_RANGE) {
      throw input.corrupt("whether an end is planned, 0 or 1", "" + planned);
    }
    boolean isPlanned = planned == ImageFormat.END_PLANNED;
    long endMs = isPlanned ? input.i64() : ChunkCut.rangeEndMs(minMs, rangeMs);
    OpenHistograms histograms =
        new OpenHistograms(samples.toWriter(), minMs, endMs, isPlanned, rangeMs);
    return new MemSeries(
        head.table().pageFor(place.ref),
        place.ref,
        head.share(place.labels),
        place.open(encoding, minMs, open),
        histograms);
  }

  private long firstMs(Place place, SampleCursor samples) throws IOException {
    samples.next();
    long minMs = samples.timestampMs();
    HeadChunk closed = place.closed;
    if (minMs < sealedUpToMs || (closed != null && minMs <= closed.closedMaxMs())) {
      throw input.corrupt("an open chunk after all others", "one from " + minMs);
    }
    return minMs;
  }

  private long laterMs(SampleCursor samples, long afterMs) throws IOException {
    if (samples.timestampMs() <= afterMs) {
      throw input.corrupt("samples in order of time", "one at " + samples.timestampMs());
    }
    return samples.timestampMs();
  }
}
