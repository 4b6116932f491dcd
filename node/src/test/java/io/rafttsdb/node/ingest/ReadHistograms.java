package io.rafttsdb.node.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.airlift.compress.v3.snappy.SnappyJavaDecompressor;
import io.rafttsdb.storage.model.NativeHistogram;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;

/** Reads the native histograms of one series back by remote read. */
final class ReadHistograms {

  private static final int READ_QUERY = 1;
  private static final int QUERY_START = 1;
  private static final int QUERY_END = 2;
  private static final int QUERY_MATCHER = 3;

  /** Of the answer, of a result in it, and of a series in that: field 1 has what is below. */
  private static final int BELOW = 0x0a;

  private static final int HISTOGRAM = RawRequest.HISTOGRAM << 3 | 2;

  private ReadHistograms() {}

  /**
   * All of them, checked to be a millisecond apart from each other.
   *
   * @param firstMs timestamp of the first
   */
  static List<NativeHistogram> of(HttpClient http, URI node, String metric, long firstMs)
      throws Exception {
    byte[] matcher =
        new RawRequest()
            .field(2, "__name__".getBytes(UTF_8))
            .field(3, metric.getBytes(UTF_8))
            .bytes();
    byte[] query =
        new RawRequest()
            .varint(QUERY_START, 0)
            .varint(QUERY_END, Long.MAX_VALUE)
            .field(QUERY_MATCHER, matcher)
            .bytes();
    HttpResponse<byte[]> answer =
        http.send(
            HttpRequest.newBuilder(node.resolve("/api/v1/read"))
                .POST(BodyPublishers.ofByteArray(new RawRequest().field(READ_QUERY, query).body()))
                .build(),
            BodyHandlers.ofByteArray());
    if (answer.statusCode() != 200) {
      throw new AssertionError(answer.statusCode() + ": " + new String(answer.body(), UTF_8));
    }
    SnappyJavaDecompressor snappy = new SnappyJavaDecompressor();
    byte[] message = new byte[snappy.getUncompressedLength(answer.body(), 0)];
    int length =
        snappy.decompress(answer.body(), 0, answer.body().length, message, 0, message.length);
    ProtoCursor result = only(new ProtoCursor(message, 0, length));
    ProtoCursor series = only(result);
    List<NativeHistogram> histograms = new ArrayList<>();
    HistogramDecoder decoder = new HistogramDecoder();
    while (series.hasMore()) {
      int tag = series.tag();
      if (tag == HISTOGRAM) {
        int end = series.lengthDelimitedEnd();
        decoder.read(message, series.position(), end);
        if (decoder.timestampMs() != firstMs + histograms.size()) {
          throw new AssertionError("a histogram at " + decoder.timestampMs());
        }
        histograms.add(decoder.histogram());
        series.moveTo(end);
      } else {
        series.skip(tag);
      }
    }
    return histograms;
  }

  /** Into the only field of a message. */
  private static ProtoCursor only(ProtoCursor message) throws BadRequest {
    int tag = message.tag();
    if (tag != BELOW) {
      throw new AssertionError("expected field 1, found tag " + tag);
    }
    int end = message.lengthDelimitedEnd();
    int start = message.position();
    message.moveTo(end);
    if (message.hasMore()) {
      throw new AssertionError("more than one result, or series");
    }
    return new ProtoCursor(message.message(), start, end);
  }
}
