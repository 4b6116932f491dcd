package io.rafttsdb.node.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A client that sends bytes as they are, for what a well-behaved client can't send. */
final class RawClient implements AutoCloseable {
  private static final int TIMEOUT_MS = 20_000;

  static final class Reply {
    private final int status;
    private final Map<String, String> headers;
    private final byte[] body;

    Reply(int status, Map<String, String> headers, byte[] body) {
      this.status = status;
      this.headers = headers;
      this.body = body;
    }

    int status() {
      return status;
    }

    Map<String, String> headers() {
      return headers;
    }

    byte[] body() {
      return body;
    }

    String text() {
      return new String(body, ISO_8859_1);
    }
  }

  private final Socket socket;
  private final InputStream in;

  RawClient(InetSocketAddress address) throws IOException {
    socket = new Socket(address.getAddress(), address.getPort());
    socket.setSoTimeout(TIMEOUT_MS);
    in = socket.getInputStream();
  }

  RawClient send(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(ISO_8859_1));
    socket.getOutputStream().flush();
    return this;
  }

  /** The next reply, its body by its length, by its chunks, or none. */
  Reply reply() throws IOException {
    Reply head = head();
    byte[] body = new byte[0];
    if ("chunked".equals(head.headers.get("transfer-encoding"))) {
      body = chunks();
    } else if (head.headers.containsKey("content-length")) {
      body = in.readNBytes(Integer.parseInt(head.headers.get("content-length")));
    }
    return new Reply(head.status, head.headers, body);
  }

  /** The head of the next reply, for an answer that has no body. */
  Reply head() throws IOException {
    List<String> statusLine = List.of(line().split(" ", 3));
    Map<String, String> headers = new HashMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).trim());
    }
    return new Reply(Integer.parseInt(statusLine.get(1)), headers, new byte[0]);
  }

  private byte[] chunks() throws IOException {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    while (true) {
      int length = Integer.parseInt(line(), 16);
      byte[] chunk = in.readNBytes(length);
      if (chunk.length < length) {
        throw new EOFException("the body ends within a chunk");
      }
      whole.writeBytes(chunk);
      line();
      if (length == 0) {
        return whole.toByteArray();
      }
    }
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("connection closed after " + line.toString(ISO_8859_1));
      }
      if (b != '\r') {
        line.write(b);
      }
    }
    return line.toString(ISO_8859_1);
  }

  /** Reads what is left; true when the server then closes its side, with or without a reset. */
  boolean isClosed() {
    try {
      in.readAllBytes();
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
