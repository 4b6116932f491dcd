package io.rafttsdb.node.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rafttsdb.node.config.MemberAddress;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** One node of the demo: a process of this same program on the same Java machine. */
final class NodeProcess {

  private static final int TAIL_BYTES = 16 << 10;

  private final MemberAddress member;
  private final Path log;
  private final Process process;

  private NodeProcess(MemberAddress member, Path log, Process process) {
    this.member = member;
    this.log = log;
    this.process = process;
  }

  /** Starts it with its configuration; what it prints goes to the end of the log. */
  static NodeProcess start(MemberAddress member, Path configuration, Path log) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(RaftTsdb.class.getName());
    command.add("server");
    command.add("--config");
    command.add(configuration.toString());
    command.add("--parent");
    command.add(Long.toString(ProcessHandle.current().pid()));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    process.getOutputStream().close();
    return new NodeProcess(member, log, process);
  }

  MemberAddress member() {
    return member;
  }

  Path log() {
    return log;
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Of an ended process. */
  int exitCode() {
    return process.exitValue();
  }

  CompletableFuture<Void> onExit() {
    return process.onExit().thenRun(() -> {});
  }

  /** Asks it to end, as SIGTERM does. */
  void stop() {
    process.destroy();
  }

  /** Waits for its end; ends it by force when the limit has passed. */
  void awaitEnd(Duration limit) throws InterruptedException {
    if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }

  /** The last lines of its log. */
  List<String> lastLines(int count) {
    try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
      long start = Math.max(0, file.length() - TAIL_BYTES);
      byte[] tail = new byte[(int) (file.length() - start)];
      file.seek(start);
      file.readFully(tail);
      List<String> lines = new String(tail, UTF_8).lines().toList();
      return lines.subList(Math.max(0, lines.size() - count), lines.size());
    } catch (IOException e) {
      return List.of("(" + log + " can't be read: " + e.getMessage() + ")");
    }
  }
}
