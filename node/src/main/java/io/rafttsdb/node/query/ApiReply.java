package io.rafttsdb.node.query;

import io.rafttsdb.node.http.HttpReply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/** The JSON around every answer of the read API. */
final class ApiReply {

  /** Applied index of the state that a read was answered from. */
  static final String INDEX_HEADER = "X-Raft-Tsdb-Index";

  /** Seconds after which a read that was refused for now may be tried again. */
  private static final String RETRY_AFTER_S = "1";

  private ApiReply() {}

  /** Writes what stands under {@code data}. */
  @FunctionalInterface
  interface DataWriter {
    void write(JsonOutput json) throws IOException;
  }

  /** Remarks that come with a result, in the order in which they are sent. */
  record Remarks(List<String> warnings, List<String> infos) {
    static final Remarks NONE = new Remarks(List.of(), List.of());
    private static final Remarks TRUNCATED =
        new Remarks(List.of("results truncated due to limit"), List.of());

    /** What is said of a list of which only a part is sent, or nothing. */
    static Remarks truncated(boolean isTruncated) {
      return isTruncated ? TRUNCATED : NONE;
    }
  }

  /** A result, written while it is sent. */
  static HttpReply success(DataWriter data, Remarks remarks) {
    return HttpReply.streamed(200, HttpReply.JSON, out -> write(out, data, remarks));
  }

  private static void write(OutputStream out, DataWriter data, Remarks remarks) throws IOException {
    JsonOutput json = new JsonOutput(out);
    json.raw("{\"status\":\"success\",\"data\":");
    data.write(json);
    remarks(json, ",\"warnings\":", remarks.warnings());
    remarks(json, ",\"infos\":", remarks.infos());
    json.raw("}");
    json.flush();
  }

  private static void remarks(JsonOutput json, String key, List<String> remarks)
      throws IOException {
    if (!remarks.isEmpty()) {
      json.raw(key);
      json.strings(remarks);
    }
  }

  static HttpReply error(ApiError error) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    JsonOutput json = new JsonOutput(bytes);
    try {
      json.raw("{\"status\":\"error\",\"errorType\":");
      json.string(error.type().text());
      json.raw(",\"error\":");
      json.string(String.valueOf(error.getMessage()));
      json.raw("}");
      json.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    Map<String, String> headers =
        error.type() == ApiError.Type.UNAVAILABLE ? Map.of("Retry-After", RETRY_AFTER_S) : Map.of();
    return new HttpReply(
        error.type().status(), HttpReply.JSON, headers, new HttpReply.Bytes(bytes.toByteArray()));
  }
}
