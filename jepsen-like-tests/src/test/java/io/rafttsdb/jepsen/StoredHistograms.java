package io.rafttsdb.jepsen;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.airlift.compress.v3.snappy.SnappyJavaCompressor;
import io.airlift.compress.v3.snappy.SnappyJavaDecompressor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The native histograms that a server gives by remote read, a node or a Prometheus. */
final class StoredHistograms {

  private static final int RESPONSE_RESULT = 1;
  private static final int RESULT_SERIES = 1;
  private static final int SERIES_LABEL = 1;
  private static final int SERIES_HISTOGRAM = 4;
  private static final int LABEL_NAME = 1;
  private static final int LABEL_VALUE = 2;
  private static final int MATCHER_TYPE = 1;
  private static final int MATCHER_NAME = 2;
  private static final int MATCHER_VALUE = 3;
  private static final int MATCHES_REGEX = 2;
  private static final int QUERY_END = 2;
  private static final int QUERY_MATCHER = 3;
  private static final int REQUEST_QUERY = 1;

  private StoredHistograms() {}

  /**
   * A histogram as the wire has it, without the hint on counter resets, and without the fields that
   * have their default value, so that equal ones are equal whoever sent them.
   */
  record Histogram(Map<Integer, String> fields) {

    private static final int NEGATIVE_SPAN = 8;
    private static final int POSITIVE_SPAN = 11;
    private static final int RESET_HINT = 14;
    private static final int TIMESTAMP = 15;

    private static Histogram of(Fields message) throws IOException {
      Map<Integer, String> fields = new TreeMap<>();
      for (int number : message.numbers()) {
        boolean isSpan = number == NEGATIVE_SPAN || number == POSITIVE_SPAN;
        if (isSpan) {
          fields.put(number, message.messages(number).toString());
        } else if (number != RESET_HINT && number != TIMESTAMP) {
          fields.put(number, message.values(number).toString());
        }
      }
      return new Histogram(fields);
    }

    boolean hasBuckets() {
      return fields.containsKey(POSITIVE_SPAN);
    }
  }

  /** Fields of a message by number: numbers as they stand on the wire, or bytes. */
  private record Fields(Map<Integer, List<Object>> byNumber) {

    static Fields of(byte[] message) throws IOException {
      Map<Integer, List<Object>> fields = new TreeMap<>();
      CodedInputStream in = CodedInputStream.newInstance(message);
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        Object value =
            switch (WireFormat.getTagWireType(tag)) {
              case WireFormat.WIRETYPE_VARINT -> in.readRawVarint64();
              case WireFormat.WIRETYPE_FIXED64 -> in.readFixed64();
              case WireFormat.WIRETYPE_LENGTH_DELIMITED -> in.readByteArray();
              default -> throw new IOException("tag " + tag);
            };
        if (!Long.valueOf(0).equals(value)) {
          fields
              .computeIfAbsent(WireFormat.getTagFieldNumber(tag), _ -> new ArrayList<>())
              .add(value);
        }
      }
      return new Fields(fields);
    }

    Iterable<Integer> numbers() {
      return byNumber.keySet();
    }

    List<Object> values(int number) {
      return byNumber.getOrDefault(number, List.of()).stream()
          .map(value -> value instanceof byte[] bytes ? Arrays.toString(bytes) : value)
          .toList();
    }

    List<Fields> messages(int number) throws IOException {
      List<Fields> messages = new ArrayList<>();
      for (Object bytes : byNumber.getOrDefault(number, List.of())) {
        messages.add(of((byte[]) bytes));
      }
      return messages;
    }

    String text(int number) {
      List<Object> field = byNumber.getOrDefault(number, List.of());
      return field.isEmpty() ? "" : new String((byte[]) field.getLast(), UTF_8);
    }

    long number(int number) {
      List<Object> field = byNumber.getOrDefault(number, List.of());
      return field.isEmpty() ? 0 : (Long) field.getLast();
    }
  }

  /** By labels and time. */
  static Map<Map<String, String>, Map<Long, Histogram>> read(URI server) throws Exception {
    Map<Map<String, String>, Map<Long, Histogram>> all = new HashMap<>();
    for (Fields result : Fields.of(response(server)).messages(RESPONSE_RESULT)) {
      for (Fields series : result.messages(RESULT_SERIES)) {
        Map<Long, Histogram> histograms = histograms(series);
        if (!histograms.isEmpty()) {
          all.put(labels(series), histograms);
        }
      }
    }
    return all;
  }

  private static Map<String, String> labels(Fields series) throws IOException {
    Map<String, String> labels = new TreeMap<>();
    for (Fields label : series.messages(SERIES_LABEL)) {
      labels.put(label.text(LABEL_NAME), label.text(LABEL_VALUE));
    }
    return labels;
  }

  private static Map<Long, Histogram> histograms(Fields series) throws IOException {
    Map<Long, Histogram> histograms = new TreeMap<>();
    for (Fields message : series.messages(SERIES_HISTOGRAM)) {
      long timestampMs = message.number(Histogram.TIMESTAMP);
      if (histograms.put(timestampMs, Histogram.of(message)) != null) {
        throw new IOException("two histograms of " + labels(series) + " at " + timestampMs);
      }
    }
    return histograms;
  }

  private static byte[] response(URI server) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<byte[]> answer =
          client.send(
              HttpRequest.newBuilder(server.resolve("/api/v1/read"))
                  .header("Content-Type", "application/x-protobuf")
                  .header("Content-Encoding", "snappy")
                  .header("X-Prometheus-Remote-Read-Version", "0.1.0")
                  .POST(BodyPublishers.ofByteArray(compress(request())))
                  .build(),
              BodyHandlers.ofByteArray());
      byte[] body = answer.body();
      if (answer.statusCode() != 200) {
        throw new IOException(answer.statusCode() + " " + new String(body, UTF_8));
      }
      SnappyJavaDecompressor snappy = new SnappyJavaDecompressor();
      byte[] message = new byte[snappy.getUncompressedLength(body, 0)];
      int _ = snappy.decompress(body, 0, body.length, message, 0, message.length);
      return message;
    }
  }

  private interface Content {
    void writeTo(CodedOutputStream out) throws IOException;
  }

  private static byte[] message(Content content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    content.writeTo(out);
    out.flush();
    return bytes.toByteArray();
  }

  /** For all series of all times. */
  private static byte[] request() throws IOException {
    byte[] matcher =
        message(out -> {
          out.writeEnum(MATCHER_TYPE, MATCHES_REGEX);
          out.writeString(MATCHER_NAME, "__name__");
          out.writeString(MATCHER_VALUE, ".+");
        });
    byte[] query =
        message(out -> {
          out.writeInt64(QUERY_END, Long.MAX_VALUE / 2);
          out.writeByteArray(QUERY_MATCHER, matcher);
        });
    return message(out -> out.writeByteArray(REQUEST_QUERY, query));
  }

  private static byte[] compress(byte[] message) {
    SnappyJavaCompressor snappy = new SnappyJavaCompressor();
    byte[] compressed = new byte[snappy.maxCompressedLength(message.length)];
    int length = snappy.compress(message, 0, message.length, compressed, 0, compressed.length);
    return Arrays.copyOf(compressed, length);
  }
}
