package io.rafttsdb.node.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection: reads one request at a time, hands it to a virtual thread, and reads nothing more
 * until it is answered, so that pipelined requests wait in the client's socket buffer. Owned by the
 * connection's event loop.
 *
 * <pre>
 *   IDLE       --head-->            READING
 *   READING    --last byte-->       RUNNING
 *   IDLE, READING --refused early--> DISCARDING (the answer is sent, the rest of the request is dropped)
 *   RUNNING    --answered-->        IDLE, or closed
 *   DISCARDING --last byte or too many--> closed
 * </pre>
 */
final class Connection extends ChannelInboundHandlerAdapter {

  /** What the server tells its connections. */
  enum Signal {
    /** An idle connection closes now, any other one after its answer. */
    DRAIN
  }

  /** What is read of a refused request before the connection is cut. */
  private static final long DISCARDED_BYTES_MAX = 64L << 20;

  private static final int BODY_BYTES_FIRST = 64 << 10;
  private static final byte[] NO_BODY = new byte[0];
  private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

  private enum State {
    IDLE,
    READING,
    RUNNING,
    DISCARDING
  }

  private final ServerParts parts;
  // What came with the last read from the socket while a request runs; nothing more is read then.
  private final ArrayDeque<Object> pipelined = new ArrayDeque<>();
  private State state = State.IDLE;
  private @Nullable HttpRequest head;
  private boolean counted;
  private byte[] body = NO_BODY;
  private int bodyLength;
  private @Nullable RequestTask running;
  private @Nullable ChannelFuture refusal;
  private long discardedBytes;

  Connection(ServerParts parts) {
    this.parts = parts;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    ctx.read();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (state == State.RUNNING) {
      pipelined.add(message);
    } else {
      process(ctx, message);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (state != State.RUNNING) {
      ctx.read();
    }
  }

  private void process(ChannelHandlerContext ctx, Object message) {
    try {
      if (message instanceof HttpRequest request) {
        begin(ctx, request);
      }
      if (message instanceof HttpContent content) {
        take(ctx, content);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void begin(ChannelHandlerContext ctx, HttpRequest request) {
    if (state != State.IDLE) {
      return; // the connection closes after a refusal; what follows on it is dropped
    }
    if (request.decoderResult().isFailure()) {
      refuseMalformed(ctx, request.decoderResult().cause());
      return;
    }
    state = State.READING;
    head = request;
    // Probes are answered under overload too: a refused one would make it worse by a restart.
    counted = !request.uri().startsWith("/-/");
    if (counted && !parts.admission().tryRequest()) {
      counted = false;
      refuse(ctx, 503, "too many requests in flight, try again later");
      return;
    }
    long length = HttpUtil.getContentLength(request, 0L);
    if (length > parts.limits().bodyBytes()) {
      refuseBody(ctx, length + " bytes");
      return;
    }
    body = length == 0 ? NO_BODY : new byte[(int) Math.min(length, BODY_BYTES_FIRST)];
    if (HttpUtil.is100ContinueExpected(request)) {
      var _ =
          ctx.writeAndFlush(
              new DefaultFullHttpResponse(
                  HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
    }
  }

  private void take(ChannelHandlerContext ctx, HttpContent content) {
    if (state == State.DISCARDING) {
      discard(ctx, content);
      return;
    }
    if (state != State.READING) {
      return;
    }
    if (content.decoderResult().isFailure()) {
      refuseMalformed(ctx, content.decoderResult().cause());
      return;
    }
    ByteBuf bytes = content.content();
    int more = bytes.readableBytes();
    if (more > parts.limits().bodyBytes() - bodyLength) {
      refuseBody(ctx, "more");
    } else if (!parts.admission().tryBytes(more)) {
      refuse(ctx, 503, "too many bytes of requests in flight, try again later");
    } else {
      if (bodyLength + more > body.length) {
        body = Arrays.copyOf(body, grown(bodyLength + more));
      }
      bytes.readBytes(body, bodyLength, more);
      bodyLength += more;
      if (content instanceof LastHttpContent) {
        run(ctx);
      }
      return;
    }
    discard(ctx, content);
  }

  /** Twice what is needed, but not beyond what the head announced or the limit allows. */
  private int grown(int needed) {
    HttpRequest request = head;
    long announced = request == null ? -1 : HttpUtil.getContentLength(request, -1L);
    long size = Math.min((long) needed * 2, parts.limits().bodyBytes());
    return (int) Math.max(needed, announced < needed ? size : Math.min(size, announced));
  }

  private void run(ChannelHandlerContext ctx) {
    HttpRequest request = head;
    if (request == null) {
      throw new IllegalStateException("a request ended that had not begun");
    }
    byte[] whole = bodyLength == body.length ? body : Arrays.copyOf(body, bodyLength);
    RequestTask task = new RequestTask(parts, this, ctx.channel(), request, whole, counted);
    state = State.RUNNING;
    running = task;
    head = null;
    body = NO_BODY;
    bodyLength = 0;
    counted = false; // the task gives back what it holds
    parts.threads().execute(task);
  }

  /** The task's answer is written; called on the event loop. */
  void answered(ChannelHandlerContext ctx, boolean keepAlive) {
    running = null;
    if (!keepAlive || parts.draining().get()) {
      var _ = ctx.close();
      return;
    }
    state = State.IDLE;
    while (state != State.RUNNING && !pipelined.isEmpty()) {
      process(ctx, pipelined.remove());
    }
    if (state != State.RUNNING) {
      ctx.read();
    }
  }

  private void refuseBody(ChannelHandlerContext ctx, String found) {
    refuse(
        ctx,
        413,
        "request body too large: expected at most "
            + parts.limits().bodyBytes()
            + " bytes, got "
            + found);
  }

  private void refuseMalformed(ChannelHandlerContext ctx, Throwable cause) {
    int status =
        switch (cause) {
          case TooLongHttpLineException e -> 414;
          case TooLongHttpHeaderException e -> 431;
          default -> 400;
        };
    refuse(ctx, status, "malformed request: " + cause.getMessage());
    close(refusal, ctx);
  }

  private void refuse(ChannelHandlerContext ctx, int status, String text) {
    HttpRequest request = head;
    String method = request == null ? "" : request.method().name();
    giveBack();
    state = State.DISCARDING;
    ByteBuf bytes = Unpooled.copiedBuffer(text + "\n", UTF_8);
    DefaultFullHttpResponse reply =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), bytes);
    reply.headers().set(HttpHeaderNames.CONTENT_TYPE, HttpReply.TEXT);
    reply.headers().set(HttpHeaderNames.CONTENT_LENGTH, bytes.readableBytes());
    reply.headers().set(HttpHeaderNames.CONNECTION, "close");
    if (status == 503) {
      reply.headers().set(HttpHeaderNames.RETRY_AFTER, "1");
    }
    refusal = ctx.writeAndFlush(reply);
    parts
        .listener()
        .answered(new HttpListener.Exchange(Router.NO_ROUTE, method, status, 0, bodyLength));
  }

  /**
   * Reads on after a refusal: closing with unread bytes would reset the connection, and the client
   * might never see the answer.
   */
  private void discard(ChannelHandlerContext ctx, HttpContent content) {
    discardedBytes += content.content().readableBytes();
    if (content instanceof LastHttpContent || discardedBytes > DISCARDED_BYTES_MAX) {
      close(refusal, ctx);
    }
  }

  private static void close(@Nullable ChannelFuture after, ChannelHandlerContext ctx) {
    if (after == null) {
      var _ = ctx.close();
    } else {
      var _ = after.addListener(ChannelFutureListener.CLOSE);
    }
  }

  private void giveBack() {
    if (counted) {
      parts.admission().releaseRequest();
      counted = false;
    }
    parts.admission().releaseBytes(bodyLength);
    head = null;
    body = NO_BODY;
    bodyLength = 0;
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    giveBack();
    pipelined.forEach(ReferenceCountUtil::release);
    pipelined.clear();
    ctx.fireChannelInactive();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == Signal.DRAIN) {
      if (state == State.IDLE) {
        var _ = ctx.close();
      }
    } else if (event instanceof IdleStateEvent) {
      RequestTask task = running;
      if (task == null || task.isReplyingFor(parts.limits().idle())) {
        var _ = ctx.close();
      }
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof IOException) {
      LOG.debug("connection of {} failed: {}", ctx.channel().remoteAddress(), cause.toString());
    } else {
      LOG.warn("connection of {} failed", ctx.channel().remoteAddress(), cause);
    }
    var _ = ctx.close();
  }
}
