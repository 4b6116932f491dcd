package io.rafttsdb.node.cli;

import io.rafttsdb.node.config.ConfigError;
import io.rafttsdb.node.config.MemberAddress;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Starts the nodes, waits for them, shows what to do with them, and stops them at the end. */
final class Demo {

  private static final Duration POLL = Duration.ofMillis(200);

  /** After this long without a ready cluster the reasons are shown, again and again. */
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private static final Duration STOP_LIMIT = Duration.ofSeconds(25);
  private static final int LAST_LINES = 12;

  private final DemoLayout layout;
  private final boolean keepsData;
  private final boolean selfMonitoring;
  private final DemoScreen screen;
  private final List<NodeProcess> nodes = new ArrayList<>();
  private final CountDownLatch ended;
  private boolean stopping;

  /** Set before the exit code is returned; else it is a signal that ends the Java machine. */
  private volatile boolean endedByItself;

  Demo(DemoLayout layout, boolean keepsData, boolean selfMonitoring, PrintWriter out) {
    this.layout = layout;
    this.keepsData = keepsData;
    this.selfMonitoring = selfMonitoring;
    this.screen = new DemoScreen(layout, out);
    this.ended = new CountDownLatch(layout.members().size());
  }

  /** Runs until all nodes have ended; Ctrl-C and SIGTERM end them first. */
  int run() throws ConfigError, IOException, InterruptedException {
    checkPorts();
    screen.opening(keepsData);
    layout.writeConfigurations(selfMonitoring);
    Runtime.getRuntime().addShutdownHook(new Thread(this::stopAll, "stop"));
    try {
      startAll();
      awaitReady();
      ended.await();
      if (!isStopping()) {
        screen.say("All nodes have ended.");
      }
      return ExitCode.FAILED;
    } finally {
      endedByItself = !isStopping();
    }
  }

  private synchronized boolean isStopping() {
    return stopping;
  }

  private void checkPorts() throws ConfigError {
    for (MemberAddress member : layout.members()) {
      checkFree(member.http().port(), "HTTP", member);
      checkFree(member.raft().port(), "Raft", member);
    }
  }

  private static void checkFree(int port, String use, MemberAddress member) throws ConfigError {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    } catch (IOException e) {
      throw new ConfigError(
          "port "
              + port
              + " ("
              + use
              + " of "
              + member.name()
              + ") can't be used: "
              + e.getMessage()
              + ". Is a demo running already? Otherwise choose others with --port");
    }
  }

  private synchronized void startAll() throws IOException {
    if (stopping) {
      return;
    }
    for (MemberAddress member : layout.members()) {
      NodeProcess node =
          NodeProcess.start(member, layout.configuration(member), layout.log(member));
      nodes.add(node);
      var _ = node.onExit().thenRun(() -> nodeEnded(node));
    }
  }

  private synchronized void nodeEnded(NodeProcess node) {
    if (!stopping) {
      screen.nodeEnded(node, node.lastLines(LAST_LINES));
    }
    ended.countDown();
  }

  /** Returns when every living node is ready and one of them leads, or when none lives. */
  private void awaitReady() throws InterruptedException {
    long start = System.nanoTime();
    long nextReasons = start + PATIENCE.toNanos();
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
      while (true) {
        Map<NodeProcess, NodeStatus> statuses = ask(client);
        long living = living();
        boolean ready = statuses.values().stream().allMatch(NodeStatus::ready);
        boolean led = statuses.values().stream().anyMatch(NodeStatus::leads);
        if (living == 0) {
          return;
        }
        if (statuses.size() == living && ready && led) {
          screen.ready(nodes(), statuses, Duration.ofNanos(System.nanoTime() - start));
          screen.howToUse(selfMonitoring);
          return;
        }
        if (System.nanoTime() >= nextReasons) {
          screen.waiting(nodes(), statuses);
          nextReasons += PATIENCE.toNanos();
        }
        if (ended.await(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
      }
    }
  }

  private Map<NodeProcess, NodeStatus> ask(HttpClient client) throws InterruptedException {
    Map<NodeProcess, NodeStatus> statuses = new LinkedHashMap<>();
    for (NodeProcess node : nodes()) {
      NodeStatus.ifAnswers(client, node.member().http())
          .ifPresent(status -> statuses.put(node, status));
    }
    return statuses;
  }

  private synchronized List<NodeProcess> nodes() {
    return List.copyOf(nodes);
  }

  private long living() {
    return nodes().stream().filter(NodeProcess::isAlive).count();
  }

  /** On the thread that the Java machine runs at its end. */
  private void stopAll() {
    List<NodeProcess> running;
    synchronized (this) {
      stopping = true;
      running = nodes.stream().filter(NodeProcess::isAlive).toList();
    }
    if (!running.isEmpty()) {
      screen.say("");
      screen.say("Stopping " + running.size() + " nodes ...");
    }
    running.forEach(NodeProcess::stop);
    try {
      for (NodeProcess node : running) {
        node.awaitEnd(STOP_LIMIT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!keepsData) {
      deleteAll(layout.directory());
    }
    screen.stopped(keepsData);
    if (!endedByItself) {
      Runtime.getRuntime().halt(ExitCode.OK); // instead of 128 and the signal's number
    }
  }

  private void deleteAll(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      screen.say(directory + " could not be removed: " + e.getMessage());
    }
  }
}
