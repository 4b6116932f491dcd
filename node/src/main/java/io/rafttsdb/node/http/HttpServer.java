package io.rafttsdb.node.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Listens on one address and answers HTTP/1.1 requests by a {@link Router}: keep-alive and
 * pipelining, at most one request of a connection at a time, gzip where the client takes it.
 */
public final class HttpServer implements AutoCloseable {

  /** Size of the pieces in which long bodies are read and sent. */
  public static final int CHUNK_BYTES = 64 << 10;

  /** How long {@link #close()} waits for requests that run. */
  public static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

  private static final int BACKLOG = 1024;
  private static final int IO_THREADS_MAX = 4;

  private final ServerParts parts;
  private final EventLoopGroup loops;
  private final ChannelGroup connections;
  private final Channel listening;

  private HttpServer(
      ServerParts parts, EventLoopGroup loops, ChannelGroup connections, Channel listening) {
    this.parts = parts;
    this.loops = loops;
    this.connections = connections;
    this.listening = listening;
  }

  /**
   * Starts to listen; port 0 takes a free one, which {@link #address} tells.
   *
   * @throws IOException where the address can't be listened on
   */
  public static HttpServer start(
      InetSocketAddress address, Router router, HttpLimits limits, HttpListener listener)
      throws IOException {
    ServerParts parts =
        new ServerParts(
            router,
            limits,
            new Admission(limits.requestsInFlight(), limits.bodyBytesInFlight()),
            listener,
            Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("request-", 0).factory()),
            new AtomicBoolean());
    int threads = Math.min(IO_THREADS_MAX, Runtime.getRuntime().availableProcessors());
    EventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(
            threads, new DefaultThreadFactory("http", true), NioIoHandler.newFactory());
    ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.AUTO_READ, false)
            .childHandler(new Pipeline(parts, connections))
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      parts.threads().shutdown();
      var _ = loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
      throw new IOException(
          "can't listen on " + address + ": " + bound.cause().getMessage(), bound.cause());
    }
    return new HttpServer(parts, loops, connections, bound.channel());
  }

  /** Where it listens, with the port that it got. */
  public InetSocketAddress address() {
    return (InetSocketAddress) listening.localAddress();
  }

  /** Requests being read or handled. */
  public int requestsInFlight() {
    return parts.admission().requests();
  }

  /** Bytes of the bodies of these. */
  public long bodyBytesInFlight() {
    return parts.admission().bytes();
  }

  public int openConnections() {
    return connections.size();
  }

  /** As {@link #close(Duration)} with {@link #CLOSE_LIMIT}. */
  @Override
  public void close() {
    close(CLOSE_LIMIT);
  }

  /**
   * Stops to listen, lets the requests end that have begun, and closes all connections; what runs
   * longer than the limit is interrupted. May be called again.
   */
  public void close(Duration limit) {
    parts.draining().set(true);
    listening.close().awaitUninterruptibly();
    for (Channel connection : connections) {
      connection.pipeline().fireUserEventTriggered(Connection.Signal.DRAIN);
    }
    connections.newCloseFuture().awaitUninterruptibly(limit.toMillis());
    parts.threads().shutdownNow();
    connections.close().awaitUninterruptibly();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  /** What each connection passes through. */
  private static final class Pipeline extends ChannelInitializer<SocketChannel> {
    private final ServerParts parts;
    private final ChannelGroup connections;

    Pipeline(ServerParts parts, ChannelGroup connections) {
      this.parts = parts;
      this.connections = connections;
    }

    @Override
    protected void initChannel(SocketChannel channel) {
      HttpLimits limits = parts.limits();
      connections.add(channel);
      if (connections.size() > limits.connections() || parts.draining().get()) {
        var _ = channel.close();
        return;
      }
      HttpDecoderConfig decoder =
          new HttpDecoderConfig()
              .setMaxInitialLineLength(limits.lineBytes())
              .setMaxHeaderSize(limits.headerBytes())
              .setMaxChunkSize(CHUNK_BYTES);
      long idleMs = limits.idle().toMillis();
      channel
          .pipeline()
          .addLast(new IdleStateHandler(true, 0, 0, idleMs, TimeUnit.MILLISECONDS))
          .addLast(new HttpServerCodec(decoder))
          .addLast(new Connection(parts));
    }
  }
}
