package io.rafttsdb.node.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.DefaultFileRegion;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends one reply and waits until the connection has taken it, so that a slow client holds back the
 * thread that makes the answer, not the memory. For the request's thread only.
 */
final class ReplySender {

  /** Smaller bodies than this fit a packet as they are. */
  private static final int GZIP_BYTES_MIN = 1400;

  private static final Logger LOG = LoggerFactory.getLogger(ReplySender.class);

  private final Channel channel;
  private final boolean gzip;
  private final boolean headOnly;
  private final boolean keepAlive;
  private int status;

  ReplySender(Channel channel, boolean gzip, boolean headOnly, boolean keepAlive) {
    this.channel = channel;
    this.gzip = gzip;
    this.headOnly = headOnly;
    this.keepAlive = keepAlive;
  }

  /** Status sent, or 0 before. */
  int status() {
    return status;
  }

  /**
   * @throws IOException where the connection broke, or a streamed body failed after its beginning
   */
  void send(HttpReply reply) throws IOException {
    switch (reply.body()) {
      case HttpReply.Bytes(byte[] bytes) -> sendBytes(reply, bytes, bytes.length);
      case HttpReply.OpenFile(FileChannel file) -> sendFile(reply, file);
      case HttpReply.Streamed(HttpReply.BodyWriter writer) -> sendStream(reply, writer);
    }
  }

  private void sendBytes(HttpReply reply, byte[] bytes, int length) throws IOException {
    boolean compress = gzip && length >= GZIP_BYTES_MIN && !isEncoded(reply);
    ByteBuf body;
    if (compress) {
      ByteArrayOutputStream compressed = new ByteArrayOutputStream(length / 4);
      try (OutputStream out = new FastGzip(compressed)) {
        out.write(bytes, 0, length);
      }
      body = Unpooled.wrappedBuffer(compressed.toByteArray());
    } else {
      body = Unpooled.wrappedBuffer(bytes, 0, length);
    }
    DefaultFullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(reply.status()),
            headOnly ? Unpooled.EMPTY_BUFFER : body);
    setHeaders(response, reply, compress);
    if (reply.status() != 204 && reply.status() != 304) {
      response.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
    }
    await(channel.writeAndFlush(response));
  }

  private void sendFile(HttpReply reply, FileChannel file) throws IOException {
    long size;
    try {
      size = file.size();
    } catch (IOException e) {
      file.close();
      throw e;
    }
    HttpResponse response = head(reply);
    setHeaders(response, reply, false);
    response.headers().set(HttpHeaderNames.CONTENT_LENGTH, size);
    var _ = channel.write(response);
    if (headOnly || size == 0) {
      file.close();
    } else {
      // The region closes the file, sent or not.
      await(channel.writeAndFlush(new DefaultFileRegion(file, 0, size)));
    }
    await(channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT));
  }

  private void sendStream(HttpReply reply, HttpReply.BodyWriter writer) throws IOException {
    BodyStream body = new BodyStream(reply);
    try {
      writer.writeTo(body);
    } catch (IOException | RuntimeException e) {
      if (body.isCommitted()) {
        throw e;
      }
      LOG.error("making an answer failed", e);
      send(HttpReply.text(500, e.toString()));
      return;
    }
    body.finish();
  }

  private HttpResponse head(HttpReply reply) {
    return new DefaultHttpResponse(
        HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(reply.status()));
  }

  private void setHeaders(HttpResponse response, HttpReply reply, boolean compressed) {
    reply.headers().forEach(response.headers()::set);
    if (!reply.contentType().isEmpty()) {
      response.headers().set(HttpHeaderNames.CONTENT_TYPE, reply.contentType());
    }
    if (compressed) {
      response.headers().set(HttpHeaderNames.CONTENT_ENCODING, HttpHeaderValues.GZIP);
    }
    HttpUtil.setKeepAlive(response, keepAlive);
    status = reply.status();
  }

  private static boolean isEncoded(HttpReply reply) {
    return reply.headers().keySet().stream().anyMatch("Content-Encoding"::equalsIgnoreCase);
  }

  private static void await(ChannelFuture written) throws IOException {
    try {
      written.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while the answer was sent");
    }
    if (!written.isSuccess()) {
      throw new IOException("the connection took no more of the answer", written.cause());
    }
  }

  /**
   * Holds a body back until it is too large to be sent with its length, then sends it in chunks.
   */
  private final class BodyStream extends OutputStream {
    private final HttpReply reply;
    private final byte[] buffer = new byte[HttpServer.CHUNK_BYTES];
    private int buffered;
    private @Nullable OutputStream chunks; // set once the head is sent

    BodyStream(HttpReply reply) {
      this.reply = reply;
    }

    boolean isCommitted() {
      return chunks != null;
    }

    @Override
    public void write(int b) throws IOException {
      if (buffered == buffer.length) {
        drain();
      }
      buffer[buffered++] = (byte) b;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      while (length > 0) {
        if (buffered == buffer.length) {
          drain();
        }
        int part = Math.min(length, buffer.length - buffered);
        System.arraycopy(bytes, offset, buffer, buffered, part);
        buffered += part;
        offset += part;
        length -= part;
      }
    }

    private void drain() throws IOException {
      OutputStream out = chunks;
      if (out == null) {
        out = commit();
        chunks = out;
      }
      out.write(buffer, 0, buffered);
      buffered = 0;
    }

    private OutputStream commit() throws IOException {
      boolean compress = gzip && !isEncoded(reply);
      HttpResponse response = head(reply);
      setHeaders(response, reply, compress);
      HttpUtil.setTransferEncodingChunked(response, true);
      await(channel.writeAndFlush(response));
      ChunkSink sink = new ChunkSink();
      return compress ? new FastGzip(sink) : sink;
    }

    void finish() throws IOException {
      if (!isCommitted()) {
        sendBytes(reply, buffer, buffered);
        return;
      }
      drain();
      OutputStream out = chunks;
      if (out != null) {
        out.close();
      }
    }
  }

  /** Sends each write as a chunk. Closing it ends the body. */
  private final class ChunkSink extends OutputStream {

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      if (length > 0 && !headOnly) {
        await(channel.writeAndFlush(new DefaultHttpContent(copy(bytes, offset, length))));
      }
    }

    private ByteBuf copy(byte[] bytes, int offset, int length) {
      return channel.alloc().buffer(length).writeBytes(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      await(channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT));
    }
  }

  /** gzip at the level that costs least. */
  private static final class FastGzip extends GZIPOutputStream {
    FastGzip(OutputStream out) throws IOException {
      super(out, HttpServer.CHUNK_BYTES);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }
}
