package io.rafttsdb.node.query;

import com.google.protobuf.CodedOutputStream;
import io.rafttsdb.storage.model.BucketLayout;
import io.rafttsdb.storage.model.BucketSpans;
import io.rafttsdb.storage.model.FloatHistogram;
import io.rafttsdb.storage.model.IntegerHistogram;
import io.rafttsdb.storage.model.NativeHistogram;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Encodes message {@code prometheus.Histogram}. Numbers with their default value are written too,
 * so that a zero of either sign keeps its bits.
 */
final class HistogramMessage {

  private static final int COUNT_INT = 1;
  private static final int COUNT_FLOAT = 2;
  private static final int SUM = 3;
  private static final int SCHEMA = 4;
  private static final int ZERO_THRESHOLD = 5;
  private static final int ZERO_COUNT_INT = 6;
  private static final int ZERO_COUNT_FLOAT = 7;
  private static final int NEGATIVE_SPAN = 8;
  private static final int NEGATIVE_DELTAS = 9;
  private static final int NEGATIVE_COUNTS = 10;
  private static final int POSITIVE_SPAN = 11;
  private static final int POSITIVE_DELTAS = 12;
  private static final int POSITIVE_COUNTS = 13;
  private static final int RESET_HINT = 14;
  private static final int TIMESTAMP = 15;
  private static final int CUSTOM_BOUNDS = 16;
  private static final int SPAN_OFFSET = 1;
  private static final int SPAN_LENGTH = 2;
  private static final int LENGTH_DELIMITED = 2;

  /** A histogram of common size fits. */
  private static final int BUFFER_BYTES = 512;

  private HistogramMessage() {}

  static byte[] of(long timestampMs, NativeHistogram histogram) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes, BUFFER_BYTES);
    try {
      write(out, timestampMs, histogram);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return bytes.toByteArray();
  }

  private static void write(CodedOutputStream out, long timestampMs, NativeHistogram histogram)
      throws IOException {
    BucketLayout layout = histogram.layout();
    switch (histogram) {
      case IntegerHistogram integers -> {
        out.writeUInt64(COUNT_INT, integers.count());
        out.writeUInt64(ZERO_COUNT_INT, integers.zeroCount());
        deltas(out, NEGATIVE_DELTAS, integers.negativeDeltas());
        deltas(out, POSITIVE_DELTAS, integers.positiveDeltas());
      }
      case FloatHistogram floats -> {
        out.writeFixed64(COUNT_FLOAT, floats.countBits());
        out.writeFixed64(ZERO_COUNT_FLOAT, floats.zeroCountBits());
        floats(out, NEGATIVE_COUNTS, floats.negativeBits());
        floats(out, POSITIVE_COUNTS, floats.positiveBits());
      }
    }
    out.writeFixed64(SUM, histogram.sumBits());
    out.writeSInt32(SCHEMA, layout.schema());
    out.writeFixed64(ZERO_THRESHOLD, layout.zeroThresholdBits());
    spans(out, NEGATIVE_SPAN, layout.negative());
    spans(out, POSITIVE_SPAN, layout.positive());
    out.writeEnum(RESET_HINT, histogram.hint().code());
    out.writeInt64(TIMESTAMP, timestampMs);
    floats(out, CUSTOM_BOUNDS, layout.customBounds());
  }

  private static void spans(CodedOutputStream out, int field, BucketSpans spans)
      throws IOException {
    for (int i = 0; i < spans.spanCount(); i++) {
      int offset = spans.offsets()[i];
      int length = spans.lengths()[i];
      int size =
          CodedOutputStream.computeSInt32Size(SPAN_OFFSET, offset)
              + CodedOutputStream.computeUInt32Size(SPAN_LENGTH, length);
      begin(out, field, size);
      out.writeSInt32(SPAN_OFFSET, offset);
      out.writeUInt32(SPAN_LENGTH, length);
    }
  }

  private static void deltas(CodedOutputStream out, int field, long[] deltas) throws IOException {
    if (deltas.length > 0) {
      int size = 0;
      for (long delta : deltas) {
        size += CodedOutputStream.computeSInt64SizeNoTag(delta);
      }
      begin(out, field, size);
      for (long delta : deltas) {
        out.writeSInt64NoTag(delta);
      }
    }
  }

  private static void floats(CodedOutputStream out, int field, long[] bits) throws IOException {
    if (bits.length > 0) {
      begin(out, field, bits.length * Long.BYTES);
      for (long each : bits) {
        out.writeFixed64NoTag(each);
      }
    }
  }

  /** Begins a field of so many bytes. */
  private static void begin(CodedOutputStream out, int field, int sizeBytes) throws IOException {
    out.writeTag(field, LENGTH_DELIMITED);
    out.writeUInt32NoTag(sizeBytes);
  }
}
