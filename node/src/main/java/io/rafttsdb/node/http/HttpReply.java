package io.rafttsdb.node.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a handler answers.
 *
 * @param headers beyond the content type, the length and what the server adds by itself
 */
public record HttpReply(int status, String contentType, Map<String, String> headers, Body body) {

  public static final String JSON = "application/json";
  public static final String TEXT = "text/plain; charset=utf-8";
  public static final String BINARY = "application/octet-stream";

  /** The three ways to give a body. */
  public sealed interface Body {}

  /** A body that is there; nobody writes to the bytes any more. */
  @SuppressWarnings("ArrayRecordComponent") // handed through once, never compared
  public record Bytes(byte[] bytes) implements Body {}

  /** A whole file, which the server closes after sending it. */
  public record OpenFile(FileChannel channel) implements Body {}

  /** A body that is made while it is sent, so that it is never in memory as a whole. */
  public record Streamed(BodyWriter writer) implements Body {}

  /** Writes a body on the request's thread. */
  @FunctionalInterface
  public interface BodyWriter {

    /**
     * Writes the whole body. The stream is buffered, blocks while the client is slow, and is closed
     * by the server. What is thrown after the first {@link HttpServer#CHUNK_BYTES} bytes closes the
     * connection, because the status line is on its way by then; before that it is answered as 500.
     */
    void writeTo(OutputStream out) throws IOException;
  }

  private static final byte[] NOTHING = new byte[0];

  public HttpReply {
    headers = Map.copyOf(headers);
  }

  public static HttpReply of(int status, String contentType, byte[] body) {
    return new HttpReply(status, contentType, Map.of(), new Bytes(body));
  }

  /** One or more lines of plain text; a line end is added where it lacks. */
  public static HttpReply text(int status, String text) {
    String lines = text.endsWith("\n") ? text : text + "\n";
    return of(status, TEXT, lines.getBytes(UTF_8));
  }

  /** 204. */
  public static HttpReply noContent() {
    return of(204, "", NOTHING);
  }

  public static HttpReply file(FileChannel channel) {
    return new HttpReply(200, BINARY, Map.of(), new OpenFile(channel));
  }

  public static HttpReply streamed(int status, String contentType, BodyWriter writer) {
    return new HttpReply(status, contentType, Map.of(), new Streamed(writer));
  }

  /** This reply with one more header. */
  public HttpReply withHeader(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new HttpReply(status, contentType, more, body);
  }
}
