package io.rafttsdb.jepsen;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;

/** An operating system process that can be started, stopped, killed and started again. */
class ServerProcess implements AutoCloseable {

  private static final Duration EXIT_MAX = Duration.ofSeconds(30);
  private static final int LOG_LINES_SHOWN = 25;

  private final String name;
  private final List<String> command;
  private final Path log;
  private @Nullable Process process;

  /**
   * @param log file to which the output of all starts is appended
   */
  ServerProcess(String name, List<String> command, Path log) {
    this.name = name;
    this.command = List.copyOf(command);
    this.log = log;
  }

  String name() {
    return name;
  }

  Path log() {
    return log;
  }

  void start() {
    if (isRunning()) {
      throw new IllegalStateException(name + " is running");
    }
    try {
      Files.createDirectories(log.toAbsolutePath().getParent());
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException("starting " + name + ": " + String.join(" ", command), e);
    }
  }

  boolean isRunning() {
    Process current = process;
    return current != null && current.isAlive();
  }

  long pid() {
    return started().pid();
  }

  /** SIGKILL, at once, and waits until the process is gone. */
  void kill() {
    started().destroyForcibly();
    awaitExit();
  }

  /** SIGTERM, and waits for the end. Returns the exit code. */
  int terminate() {
    started().destroy();
    return awaitExit();
  }

  /** Sends a signal by its name, such as {@code INT}. */
  void signal(String signal) {
    try {
      int code = new ProcessBuilder("kill", "-" + signal, Long.toString(pid())).start().waitFor();
      if (code != 0) {
        throw new IllegalStateException("kill -" + signal + " of " + describe());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** Waits until the process ends by itself. Returns its exit code. */
  int awaitExit() {
    Process current = started();
    try {
      if (!current.waitFor(EXIT_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError("still running after " + EXIT_MAX + ": " + describe());
      }
      return current.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** Waits until the output of all starts contains a text. */
  void awaitOutput(String text, Duration atMost) {
    await(name + " prints " + text, atMost, () -> output().contains(text));
  }

  /** Waits for something that this process must do; its end or the time-out is a failure. */
  void await(String what, Duration atMost, Callable<Boolean> condition) {
    try {
      Process current = started();
      Awaitility.await()
          .atMost(atMost)
          .pollInterval(Duration.ofMillis(100))
          .ignoreExceptions()
          .until(() -> condition.call() || !current.isAlive());
      if (!current.isAlive()) {
        throw new AssertionError(
            "ended with code " + current.exitValue() + " before: " + what + "\n" + describe());
      }
    } catch (ConditionTimeoutException e) {
      throw new AssertionError("not within " + atMost + ": " + what + "\n" + describe(), e);
    }
  }

  /** Everything that it has printed. */
  String output() {
    try {
      return Files.exists(log) ? Files.readString(log) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Name, file of the output and its last lines, for the message of a failure. */
  String describe() {
    List<String> lines = output().lines().toList();
    List<String> last = lines.subList(Math.max(0, lines.size() - LOG_LINES_SHOWN), lines.size());
    return name + ", output in " + log.toAbsolutePath() + ":\n    " + String.join("\n    ", last);
  }

  /** Kills the process if it runs. */
  @Override
  public void close() {
    if (isRunning()) {
      kill();
    }
  }

  private Process started() {
    Process current = process;
    if (current == null) {
      throw new IllegalStateException(name + " was not started");
    }
    return current;
  }
}
