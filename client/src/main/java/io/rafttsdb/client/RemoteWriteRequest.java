package io.rafttsdb.client;

import com.google.protobuf.CodedOutputStream;
import io.airlift.compress.v3.snappy.SnappyJavaCompressor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;

/**
 * The body of a Prometheus remote write request, protocol 1.0: message {@code
 * prometheus.WriteRequest} as one snappy block. Values travel as bits, so that stale markers and
 * the sign of a zero survive. Immutable: a repeat sends the same bytes again.
 */
public final class RemoteWriteRequest {

  public static final String CONTENT_TYPE = "application/x-protobuf";
  public static final String CONTENT_ENCODING = "snappy";
  public static final String VERSION_HEADER = "X-Prometheus-Remote-Write-Version";
  public static final String VERSION = "0.1.0";

  private static final int REQUEST_SERIES = 1;
  private static final int SERIES_LABEL = 1;
  private static final int SERIES_SAMPLE = 2;
  private static final int LABEL_NAME = 1;
  private static final int LABEL_VALUE = 2;
  private static final int SAMPLE_VALUE = 1;
  private static final int SAMPLE_TIMESTAMP = 2;

  private final byte[] body;
  private final int sampleCount;

  private RemoteWriteRequest(byte[] body, int sampleCount) {
    this.body = body;
    this.sampleCount = sampleCount;
  }

  public static RemoteWriteRequest of(Collection<TimeSeries> series) {
    int size = 0;
    int samples = 0;
    for (TimeSeries each : series) {
      size += sizeAsField(REQUEST_SERIES, seriesSize(each));
      samples += each.samples().size();
    }
    byte[] message = new byte[size];
    CodedOutputStream out = CodedOutputStream.newInstance(message);
    try {
      for (TimeSeries each : series) {
        writeSeries(out, each);
      }
      out.checkNoSpaceLeft();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to an array of computed size", e);
    }
    return new RemoteWriteRequest(compress(message), samples);
  }

  /** The compressed body itself, not a copy: nobody may write to it. */
  public byte[] body() {
    return body;
  }

  public int sampleCount() {
    return sampleCount;
  }

  private static void writeSeries(CodedOutputStream out, TimeSeries series) throws IOException {
    out.writeTag(REQUEST_SERIES, 2);
    out.writeUInt32NoTag(seriesSize(series));
    for (Map.Entry<String, String> label : series.labels().entrySet()) {
      out.writeTag(SERIES_LABEL, 2);
      out.writeUInt32NoTag(labelSize(label));
      out.writeString(LABEL_NAME, label.getKey());
      out.writeString(LABEL_VALUE, label.getValue());
    }
    for (Sample sample : series.samples()) {
      out.writeTag(SERIES_SAMPLE, 2);
      out.writeUInt32NoTag(sampleSize(sample));
      out.writeFixed64(SAMPLE_VALUE, sample.valueBits());
      out.writeInt64(SAMPLE_TIMESTAMP, sample.timestampMs());
    }
  }

  private static int seriesSize(TimeSeries series) {
    int size = 0;
    for (Map.Entry<String, String> label : series.labels().entrySet()) {
      size += sizeAsField(SERIES_LABEL, labelSize(label));
    }
    for (Sample sample : series.samples()) {
      size += sizeAsField(SERIES_SAMPLE, sampleSize(sample));
    }
    return size;
  }

  private static int labelSize(Map.Entry<String, String> label) {
    return CodedOutputStream.computeStringSize(LABEL_NAME, label.getKey())
        + CodedOutputStream.computeStringSize(LABEL_VALUE, label.getValue());
  }

  private static int sampleSize(Sample sample) {
    return CodedOutputStream.computeFixed64Size(SAMPLE_VALUE, sample.valueBits())
        + CodedOutputStream.computeInt64Size(SAMPLE_TIMESTAMP, sample.timestampMs());
  }

  private static int sizeAsField(int field, int size) {
    return CodedOutputStream.computeTagSize(field)
        + CodedOutputStream.computeUInt32SizeNoTag(size)
        + size;
  }

  /** One snappy block; the pure Java codec, which needs no native library. */
  static byte[] compress(byte[] message) {
    SnappyJavaCompressor compressor = new SnappyJavaCompressor();
    byte[] compressed = new byte[compressor.maxCompressedLength(message.length)];
    int length = compressor.compress(message, 0, message.length, compressed, 0, compressed.length);
    return Arrays.copyOf(compressed, length);
  }
}
