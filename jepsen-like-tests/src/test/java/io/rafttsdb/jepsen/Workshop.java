package io.rafttsdb.jepsen;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * What one test runs: a directory under {@code target/jepsen}, kept after it, and processes, which
 * are killed after it. A failure names the files of their output and shows the last lines.
 */
final class Workshop
    implements BeforeEachCallback, AfterEachCallback, TestExecutionExceptionHandler {

  private final LoopbackPorts ports = new LoopbackPorts(new SplittableRandom());
  private final Deque<AutoCloseable> running = new ArrayDeque<>();
  private final Deque<ServerProcess> processes = new ArrayDeque<>();
  private final Thread atExit = new Thread(this::killAll);
  private Path directory = Path.of("target", "jepsen");

  @Override
  public void beforeEach(ExtensionContext context) throws IOException {
    directory =
        Path.of(
                "target",
                "jepsen",
                context.getRequiredTestClass().getSimpleName(),
                context.getRequiredTestMethod().getName())
            .toAbsolutePath();
    delete(directory);
    Files.createDirectories(directory);
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    StringBuilder logs = new StringBuilder("what the processes printed:");
    for (ServerProcess process : processes) {
      logs.append("\n  ").append(process.describe());
    }
    failure.addSuppressed(new AssertionError(logs.toString()));
    throw failure;
  }

  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    while (!running.isEmpty()) {
      running.pop().close();
    }
    Runtime.getRuntime().removeShutdownHook(atExit);
  }

  Path directory() {
    return directory;
  }

  LoopbackPorts ports() {
    return ports;
  }

  /** A cluster whose nodes are not started yet, with more settings as lines of configuration. */
  Cluster cluster(int size, String... settings) throws IOException {
    Cluster cluster = new Cluster(directory, size, ports, List.of(settings));
    cluster.nodes().forEach(processes::add);
    return use(cluster);
  }

  /** As {@link #cluster(int, String...)}, in a directory of its own, for one of several. */
  Cluster cluster(String name, int size, String... settings) throws IOException {
    Path own = Files.createDirectories(directory.resolve(name));
    Cluster cluster = new Cluster(own, size, ports, List.of(settings));
    cluster.nodes().forEach(processes::add);
    return use(cluster);
  }

  /** One node more for a cluster, which waits to be added, and is not started yet. */
  NodeProcess stranger(Cluster cluster) throws IOException {
    NodeProcess node = cluster.stranger();
    processes.add(node);
    return node;
  }

  /** A process that is not started yet. */
  ServerProcess process(String name, List<String> command) {
    ServerProcess process = new ServerProcess(name, command, directory.resolve(name + ".log"));
    processes.add(process);
    return use(process);
  }

  /** Closes something after the test, in the reverse order. */
  <T extends AutoCloseable> T use(T resource) {
    running.push(resource);
    return resource;
  }

  /** Removes a directory with all that is in it, if it is there. */
  static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    List<Path> all;
    try (Stream<Path> walk = Files.walk(directory)) {
      all = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path each : all) {
      Files.delete(each);
    }
  }

  private void killAll() {
    processes.forEach(ServerProcess::close);
  }
}
