package io.rafttsdb.client;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.airlift.compress.v3.MalformedInputException;
import io.airlift.compress.v3.snappy.SnappyJavaDecompressor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Decodes message {@code prometheus.ReadResponse} of plain samples. */
final class RemoteReadResponse {

  private static final int RESPONSE_RESULT = field(1, WireFormat.WIRETYPE_LENGTH_DELIMITED);
  private static final int RESULT_SERIES = field(1, WireFormat.WIRETYPE_LENGTH_DELIMITED);
  private static final int SERIES_LABEL = field(1, WireFormat.WIRETYPE_LENGTH_DELIMITED);
  private static final int SERIES_SAMPLE = field(2, WireFormat.WIRETYPE_LENGTH_DELIMITED);
  private static final int LABEL_NAME = field(1, WireFormat.WIRETYPE_LENGTH_DELIMITED);
  private static final int LABEL_VALUE = field(2, WireFormat.WIRETYPE_LENGTH_DELIMITED);
  private static final int SAMPLE_VALUE = field(1, WireFormat.WIRETYPE_FIXED64);
  private static final int SAMPLE_TIMESTAMP = field(2, WireFormat.WIRETYPE_VARINT);

  private RemoteReadResponse() {}

  /**
   * The series of all results in a compressed answer.
   *
   * @throws IOException where it is no snappy block or no such message, or larger than the limit
   */
  static List<TimeSeries> decode(byte[] compressed, int bytesMax) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(decompress(compressed, bytesMax));
    List<TimeSeries> series = new ArrayList<>();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == RESPONSE_RESULT) {
        int outer = in.pushLimit(in.readRawVarint32());
        for (int inner = in.readTag(); inner != 0; inner = in.readTag()) {
          if (inner == RESULT_SERIES) {
            series.add(readSeries(in));
          } else {
            in.skipField(inner);
          }
        }
        in.popLimit(outer);
      } else {
        in.skipField(tag);
      }
    }
    return series;
  }

  private static TimeSeries readSeries(CodedInputStream in) throws IOException {
    Map<String, String> labels = new LinkedHashMap<>();
    List<Sample> samples = new ArrayList<>();
    int outer = in.pushLimit(in.readRawVarint32());
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == SERIES_LABEL) {
        readLabel(in, labels);
      } else if (tag == SERIES_SAMPLE) {
        samples.add(readSample(in));
      } else {
        in.skipField(tag);
      }
    }
    in.popLimit(outer);
    return new TimeSeries(labels, samples);
  }

  private static void readLabel(CodedInputStream in, Map<String, String> labels)
      throws IOException {
    String name = "";
    String value = "";
    int outer = in.pushLimit(in.readRawVarint32());
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == LABEL_NAME) {
        name = in.readStringRequireUtf8();
      } else if (tag == LABEL_VALUE) {
        value = in.readStringRequireUtf8();
      } else {
        in.skipField(tag);
      }
    }
    in.popLimit(outer);
    labels.put(name, value);
  }

  private static Sample readSample(CodedInputStream in) throws IOException {
    long bits = 0; // a field with its default value is absent
    long timestampMs = 0;
    int outer = in.pushLimit(in.readRawVarint32());
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == SAMPLE_VALUE) {
        bits = in.readFixed64();
      } else if (tag == SAMPLE_TIMESTAMP) {
        timestampMs = in.readInt64();
      } else {
        in.skipField(tag);
      }
    }
    in.popLimit(outer);
    return new Sample(timestampMs, bits);
  }

  private static byte[] decompress(byte[] compressed, int bytesMax) throws IOException {
    SnappyJavaDecompressor decompressor = new SnappyJavaDecompressor();
    try {
      int length = decompressor.getUncompressedLength(compressed, 0);
      if (length < 0 || length > bytesMax) {
        throw new IOException(
            "answer of " + length + " bytes, expected at most " + bytesMax + ": ask for less");
      }
      byte[] message = new byte[length];
      decompressor.decompress(compressed, 0, compressed.length, message, 0, length);
      return message;
    } catch (MalformedInputException e) {
      throw new IOException("expected a snappy block, got " + compressed.length + " bytes", e);
    }
  }

  private static int field(int number, int wireType) {
    return number << 3 | wireType;
  }
}
