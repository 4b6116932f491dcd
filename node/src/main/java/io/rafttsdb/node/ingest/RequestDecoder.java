package io.rafttsdb.node.ingest;

import io.airlift.compress.v3.MalformedInputException;
import io.airlift.compress.v3.snappy.SnappyJavaDecompressor;
import io.rafttsdb.node.ingest.HistogramDecoder.BadHistogram;
import io.rafttsdb.node.ingest.RawLabels.BadLabels;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.model.AppendResult.Reason;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SampleBatch;
import java.util.List;

/**
 * Makes a batch of the body of a remote write request 1.0 (message {@code prometheus.WriteRequest}
 * in one snappy block), walking the message once and in place: the floats of a series that the
 * cache knows cost no object. Refuses by form and clock alone; what depends on state is judged by
 * the log.
 *
 * <p>For one thread at a time; keeps its memory between requests.
 */
final class RequestDecoder {

  /** Decoded bytes of one request. */
  static final int MESSAGE_BYTES_MAX = 16 << 20;

  /** A longer buffer, made for one large request, is not kept. */
  private static final int KEPT_BYTES_MAX = 4 << 20;

  private static final int MESSAGE_BYTES_FIRST = 64 << 10;

  /**
   * Series whose labels are brought into the processor's cache together. It waits for the memory of
   * many at once then, and not for that of one after the other.
   */
  private static final int AHEAD = 32;

  private static final int REQUEST_SERIES = 0x0a;
  private static final int SERIES_SAMPLE = 0x12;
  private static final int SERIES_HISTOGRAM = 0x22;
  private static final int SAMPLE_VALUE = 0x09;
  private static final int SAMPLE_TIMESTAMP = 0x10;

  /** How a batch names the series that the storage knows. */
  enum Naming {
    /** By their refs, which may be dropped before the batch is applied. */
    BY_REF,
    /** By their labels, which is always right. */
    BY_LABELS
  }

  /** What all series of one request are judged by. */
  private record Terms(Tsdb storage, long maxMs, Naming naming, Refusals refusals) {}

  private final SeriesCache cache;
  private final SnappyJavaDecompressor snappy = new SnappyJavaDecompressor();
  private final SampleBatch.Builder batch = new SampleBatch.Builder();
  private final ProtoCursor request = new ProtoCursor(new byte[0], 0, 0);
  private final ProtoCursor series = new ProtoCursor(new byte[0], 0, 0);
  private final ProtoCursor sample = new ProtoCursor(new byte[0], 0, 0);
  private final RequestSplitter splitter = new RequestSplitter();
  private final HistogramDecoder histogram = new HistogramDecoder();
  private byte[] message = new byte[MESSAGE_BYTES_FIRST];

  private enum RowState {
    /** The series was not looked up: it has had no sample yet. */
    NOT_BEGUN,
    OPEN,
    /** The labels are none that a series can have. */
    BAD
  }

  // The series that come next, as places in the message, and hashes of their labels.
  private final int[] starts = new int[AHEAD];
  private final int[] labelsEnds = new int[AHEAD];
  private final int[] ends = new int[AHEAD];
  private final long[] hashes = new long[AHEAD];

  /** Keeps the reads of what they need from being optimized away. */
  @SuppressWarnings("UnusedVariable")
  private long touched;

  // The series at hand.
  private int labelsStart;
  private int labelsEnd;
  private long labelsHash;
  private RowState row = RowState.NOT_BEGUN;

  RequestDecoder(SeriesCache cache) {
    this.cache = cache;
  }

  /**
   * The samples of a request, without those that are refused at once.
   *
   * @param storage knows the series
   * @param maxMs newest timestamp that is no refusal
   * @param refusals told what is left out
   */
  SampleBatch decode(RequestBody body, Tsdb storage, long maxMs, Naming naming, Refusals refusals)
      throws BadRequest {
    Terms terms = new Terms(storage, maxMs, naming, refusals);
    byte[] own = message;
    try {
      switch (body.form()) {
        case SNAPPY -> {
          int length = decompress(body.bytes());
          own = message;
          decode(length, terms);
        }
        case PLAIN -> {
          message = body.bytes();
          decode(message.length, terms);
        }
      }
    } catch (BadRequest e) {
      SampleBatch _ = batch.build(); // empties the builder
      throw e;
    } finally {
      message = own.length > KEPT_BYTES_MAX ? new byte[MESSAGE_BYTES_FIRST] : own;
    }
    return batch.build();
  }

  private void decode(int length, Terms terms) throws BadRequest {
    request.reset(message, 0, length);
    while (request.hasMore()) {
      int count = lookAhead(terms);
      for (int i = 0; i < count; i++) {
        series(i, terms);
      }
    }
  }

  /**
   * The parts of a request, by shard.
   *
   * @throws BadRequest where the bytes are no request
   */
  List<RequestSplitter.Part> split(byte[] body, int shards) throws BadRequest {
    int length = decompress(body);
    try {
      return splitter.split(message, length, shards);
    } finally {
      if (message.length > KEPT_BYTES_MAX) {
        message = new byte[MESSAGE_BYTES_FIRST];
      }
    }
  }

  private int decompress(byte[] body) throws BadRequest {
    try {
      int length = snappy.getUncompressedLength(body, 0);
      if (length > MESSAGE_BYTES_MAX) {
        throw BadRequest.tooLarge(length);
      }
      if (message.length < length) {
        message = new byte[Math.max(length, Math.min(2 * message.length, KEPT_BYTES_MAX))];
      }
      return snappy.decompress(body, 0, body.length, message, 0, message.length);
    } catch (MalformedInputException | IndexOutOfBoundsException | IllegalArgumentException e) {
      throw BadRequest.malformed(
          "expected a snappy block, got "
              + body.length
              + " bytes that are none: "
              + e.getMessage());
    }
  }

  /** Finds the next series of the request: how many, at most {@link #AHEAD}. */
  private int lookAhead(Terms terms) throws BadRequest {
    int count = 0;
    while (count < AHEAD && request.hasMore()) {
      int tag = request.tag();
      if (tag == REQUEST_SERIES) {
        int end = request.lengthDelimitedEnd();
        starts[count] = request.position();
        labelsEnds[count] = labelsEnd(request.position(), end);
        ends[count] = end;
        count++;
        request.moveTo(end);
      } else {
        request.skip(tag);
      }
    }
    if (terms.naming == Naming.BY_REF) {
      for (int i = 0; i < count; i++) {
        hashes[i] = RawLabels.hash(message, starts[i], labelsEnds[i]);
      }
      for (int i = 0; i < count; i++) {
        touched += cache.touch(hashes[i], terms.storage);
      }
    }
    return count;
  }

  private int labelsEnd(int start, int end) throws BadRequest {
    series.reset(message, start, end);
    while (series.position() < end && message[series.position()] == RawLabels.LABEL_TAG) {
      series.skip(series.tag());
    }
    return series.position();
  }

  private void series(int i, Terms terms) throws BadRequest {
    labelsStart = starts[i];
    labelsEnd = labelsEnds[i];
    labelsHash = hashes[i];
    series.reset(message, labelsEnd, ends[i]);
    row = RowState.NOT_BEGUN;
    while (series.hasMore()) {
      int tag = series.tag();
      switch (tag) {
        case SERIES_SAMPLE -> {
          int sampleEnd = series.lengthDelimitedEnd();
          sample(series.position(), sampleEnd, terms);
          series.moveTo(sampleEnd);
        }
        case SERIES_HISTOGRAM -> {
          int histogramEnd = series.lengthDelimitedEnd();
          histogram(series.position(), histogramEnd, terms);
          series.moveTo(histogramEnd);
        }
        case RawLabels.LABEL_TAG ->
            throw BadRequest.malformed(
                "expected the labels of a series before its samples, found one after them at byte "
                    + series.position());
        default -> series.skip(tag);
      }
    }
  }

  private void sample(int start, int end, Terms terms) throws BadRequest {
    long valueBits = 0; // fields with their default values are left out
    long timestampMs = 0;
    sample.reset(message, start, end);
    while (sample.hasMore()) {
      int tag = sample.tag();
      switch (tag) {
        case SAMPLE_VALUE -> valueBits = sample.fixed64();
        case SAMPLE_TIMESTAMP -> timestampMs = sample.varint();
        default -> sample.skip(tag);
      }
    }
    if (isTaken(timestampMs, terms)) {
      batch.sample(timestampMs, valueBits);
    }
  }

  private void histogram(int start, int end, Terms terms) throws BadRequest {
    histogram.read(message, start, end);
    long timestampMs = histogram.timestampMs();
    try {
      NativeHistogram decoded = histogram.histogram();
      if (isTaken(timestampMs, terms)) {
        batch.histogram(timestampMs, decoded);
      }
    } catch (BadHistogram e) {
      terms.refusals.add(labelsText(), timestampMs, String.valueOf(e.getMessage()));
    }
  }

  /** Begins the series' row where that is to be done; tells what is refused. */
  private boolean isTaken(long timestampMs, Terms terms) throws BadRequest {
    if (timestampMs > terms.maxMs) {
      terms.refusals.add(labelsText(), timestampMs, Reason.OUT_OF_BOUNDS.words());
      return false;
    }
    if (row == RowState.NOT_BEGUN) {
      row = begin(terms);
    }
    if (row == RowState.BAD) {
      terms.refusals.addMore(1);
    }
    return row == RowState.OPEN;
  }

  /** Looks the series up, with its first sample, so that one without leaves no trace. */
  private RowState begin(Terms terms) throws BadRequest {
    if (terms.naming == Naming.BY_REF) {
      long known = cache.find(labelsHash, message, labelsStart, labelsEnd, terms.storage);
      if (known != SampleBatch.NO_REF) {
        batch.series(known);
        return RowState.OPEN;
      }
    }
    try {
      Labels labels = RawLabels.parse(message, labelsStart, labelsEnd);
      long ref = terms.naming == Naming.BY_REF ? terms.storage.refOf(labels) : SampleBatch.NO_REF;
      if (ref == SampleBatch.NO_REF) {
        batch.series(labels);
      } else {
        cache.put(labelsHash, ref);
        batch.series(ref);
      }
      return RowState.OPEN;
    } catch (BadLabels e) {
      terms.refusals.addBadSeries(String.valueOf(e.getMessage()));
      return RowState.BAD;
    }
  }

  /** The labels of the series at hand for a person. */
  private String labelsText() throws BadRequest {
    try {
      return RawLabels.parse(message, labelsStart, labelsEnd).toString();
    } catch (BadLabels e) {
      return String.valueOf(e.getMessage());
    }
  }
}
