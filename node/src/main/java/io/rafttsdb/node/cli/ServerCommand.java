package io.rafttsdb.node.cli;

import io.rafttsdb.node.Node;
import io.rafttsdb.node.NodeEnd;
import io.rafttsdb.node.cluster.StartRefused;
import io.rafttsdb.node.config.ConfigError;
import io.rafttsdb.node.config.ConfigReader;
import io.rafttsdb.node.config.NodeConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code raft-tsdb server}: one node, in the foreground until a signal or a failure ends it. */
@Command(
    name = "server",
    description = {
      "Runs one node: without a configuration a cluster of its own on loopback, with one a member"
          + " of the cluster that the configuration lists."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    abbreviateSynopsis = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  raft-tsdb server",
      "  raft-tsdb server --storage.tsdb.path=/data --web.listen-address=:9090",
      "  raft-tsdb server --config /etc/raft-tsdb/node.conf"
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:stopped as asked",
      "1:a defect, or out of memory",
      "2:wrong options or configuration",
      "3:the data directory or an address can't be used",
      "4:stopped by a failure while running",
      "6:stopped before the disk was full"
    })
final class ServerCommand implements Callable<Integer> {

  private static final Logger log = LoggerFactory.getLogger(ServerCommand.class);

  /** A node that has not stopped by then is ended as it is; its data bear it, as a crash. */
  private static final Duration STOP_LIMIT = Duration.ofSeconds(20);

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Configuration file (HOCON); every key is in reference.conf.")
  private @Nullable Path config;

  @Option(
      names = "--storage.tsdb.path",
      paramLabel = "DIR",
      description = "Data directory (default: data/).")
  private @Nullable String storagePath;

  @Option(
      names = "--storage.tsdb.min-block-duration",
      paramLabel = "DURATION",
      description =
          "Range of a block, as 2h or 30m, fixed when the cluster comes into being (default: 2h).")
  private @Nullable String minBlockDuration;

  @Option(
      names = "--web.listen-address",
      paramLabel = "HOST:PORT",
      description = "Where to listen for HTTP (default: 127.0.0.1:9090).")
  private @Nullable String listenAddress;

  @Option(
      names = "--storage.tsdb.retention.time",
      paramLabel = "DURATION",
      description = "Age at which blocks are deleted, as 15d (default: 15d, or none with a size).")
  private @Nullable String retentionTime;

  @Option(
      names = "--storage.tsdb.retention.size",
      paramLabel = "SIZE",
      description = "Size of all blocks from which the oldest are deleted, as 20GB.")
  private @Nullable String retentionSize;

  @Option(
      names = "--web.enable-admin-api",
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "true|false",
      description = "Opens the endpoints that delete series (default: false).")
  private @Nullable String adminApi;

  @Option(names = "--parent", hidden = true, description = "Ends when this process has ended.")
  private @Nullable Long parent;

  /** Set before the exit code is returned; else it is a signal that ends the Java machine. */
  private volatile boolean endedByItself;

  /** Called by picocli, which sets the fields. */
  ServerCommand() {}

  @Override
  public Integer call() throws InterruptedException {
    NodeConfig settings;
    try {
      settings = ConfigReader.read(config, flags());
    } catch (ConfigError e) {
      log.error("{} (exit code {})", e.getMessage(), ExitCode.USAGE);
      return ExitCode.USAGE;
    }
    try {
      return run(settings);
    } catch (ConfigError e) {
      log.error("{} (exit code {})", e.getMessage(), ExitCode.USAGE);
      return ExitCode.USAGE;
    } catch (StartRefused | IOException e) {
      log.error("{} (exit code {})", e.getMessage(), ExitCode.START_REFUSED, detail(e));
      return ExitCode.START_REFUSED;
    }
  }

  /** A refusal's message says all; another I/O error may need its stack trace. */
  private static @Nullable Throwable detail(Exception e) {
    return e instanceof StartRefused ? null : e;
  }

  private int run(NodeConfig settings)
      throws ConfigError, StartRefused, IOException, InterruptedException {
    Node node = Node.start(settings, InstantSource.system(), chance(), ServerCommand::fatal);
    Thread stop = new Thread(() -> stop(node), "stop");
    Runtime.getRuntime().addShutdownHook(stop);
    Long watched = parent;
    if (watched != null) {
      endWith(watched, node);
    }
    NodeEnd end = node.awaitEnd();
    endedByItself = true;
    int code =
        switch (end.kind()) {
          case ASKED -> ExitCode.OK;
          case START_REFUSED -> ExitCode.START_REFUSED;
          case DISK_FULL -> ExitCode.DISK_FULL;
        };
    log.info("ending: {} (exit code {})", end.reason(), code);
    return code;
  }

  private static void endWith(long process, Node node) {
    Optional<ProcessHandle> handle = ProcessHandle.of(process);
    if (handle.isEmpty()) {
      node.end(NodeEnd.PARENT_ENDED);
    } else {
      var _ = handle.get().onExit().thenRun(() -> node.end(NodeEnd.PARENT_ENDED));
    }
  }

  private Map<String, String> flags() {
    Map<String, @Nullable String> given = new HashMap<>();
    given.put("--storage.tsdb.path", storagePath);
    given.put("--storage.tsdb.min-block-duration", minBlockDuration);
    given.put("--web.listen-address", listenAddress);
    given.put("--storage.tsdb.retention.time", retentionTime);
    given.put("--storage.tsdb.retention.size", retentionSize);
    given.put("--web.enable-admin-api", adminApi);
    Map<String, String> flags = new HashMap<>();
    given.forEach((flag, value) -> {
      if (value != null) {
        flags.put(flag, value);
      }
    });
    return flags;
  }

  /** Where the commands get their random numbers; here alone, as other code is handed them. */
  static RandomGenerator chance() {
    return new SecureRandom();
  }

  /** On the thread that met the failure. Nothing more is promised to anybody from here on. */
  private static void fatal(String reason, @Nullable Throwable cause) {
    log.error("stopped by a failure: {} (exit code {})", reason, ExitCode.FAILED, cause);
    Runtime.getRuntime().halt(ExitCode.FAILED);
  }

  /** When the Java machine ends: by a signal, or with this command's exit code. */
  private void stop(Node node) {
    CountDownLatch closed = new CountDownLatch(1);
    Thread.ofPlatform()
        .daemon()
        .name("close")
        .start(() -> {
          node.close();
          closed.countDown();
        });
    try {
      if (closed.await(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        log.info("stopped");
        if (!endedByItself) {
          Runtime.getRuntime().halt(ExitCode.OK); // instead of 128 and the signal's number
        }
      } else {
        log.warn("not stopped within {}; ended as it is", STOP_LIMIT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
