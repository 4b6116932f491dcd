package io.rafttsdb.bench;

import io.rafttsdb.storage.file.LocalDisk;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The processes of a system under load, started in an empty directory; closing ends them. */
final class RunningContender implements AutoCloseable {

  private static final Duration READY_MAX = Duration.ofMinutes(2);
  private static final long END_SECONDS_MAX = 30;
  private static final long POLL_MS = 20;

  private final Contender contender;
  private final Path home;
  private final int port;
  private Process process;
  private URI url;

  private RunningContender(Contender contender, Path home, int port, Process process, URI url) {
    this.contender = contender;
    this.home = home;
    this.port = port;
    this.process = process;
    this.url = url;
  }

  /**
   * Starts a system and waits until it can be written to.
   *
   * @param parent where its directory is made; an old one is deleted
   */
  static RunningContender start(Contender contender, Path parent)
      throws IOException, InterruptedException {
    Path home = parent.resolve(contender.name().replace(' ', '-'));
    new LocalDisk().delete(home);
    Files.createDirectories(home);
    int port = freePort();
    Process process = begin(contender, home, port);
    try {
      URI url = awaitReady(contender, process, port);
      return new RunningContender(contender, home, port, process, url);
    } catch (InterruptedException | RuntimeException e) {
      stop(process);
      throw e;
    }
  }

  private static Process begin(Contender contender, Path home, int port) throws IOException {
    return new ProcessBuilder(contender.command(home.resolve("data"), port))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(home.resolve("log").toFile()))
        .start();
  }

  /**
   * Kills all processes with what they have not written, starts the system again on its data, and
   * waits until it can be written to.
   *
   * @return seconds from the start of the process until then
   */
  double restartAfterKill() throws IOException, InterruptedException {
    List<ProcessHandle> all =
        Stream.concat(Stream.of(process.toHandle()), process.descendants()).toList();
    all.forEach(ProcessHandle::destroyForcibly);
    for (ProcessHandle each : all) {
      each.onExit().join();
    }
    long start = System.nanoTime();
    process = begin(contender, home, port);
    url = awaitReady(contender, process, port);
    return (System.nanoTime() - start) / 1e9;
  }

  /** Where to write. */
  URI url() {
    return url;
  }

  /** What it was told to keep its data below. */
  Path data() {
    return home.resolve("data");
  }

  ProcessTree tree() {
    return new ProcessTree(process.toHandle());
  }

  private static URI awaitReady(Contender contender, Process process, int port)
      throws InterruptedException {
    HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    long start = System.nanoTime();
    while (System.nanoTime() - start < READY_MAX.toNanos()) {
      if (!process.isAlive()) {
        throw new IllegalStateException(
            contender.name() + " ended with code " + process.exitValue() + "; see its log");
      }
      try {
        URI url = contender.ready(http, port);
        if (url != null) {
          return url;
        }
      } catch (IOException e) {
        continue; // it does not listen yet
      } finally {
        TimeUnit.MILLISECONDS.sleep(POLL_MS);
      }
    }
    throw new IllegalStateException(contender.name() + " is not ready after " + READY_MAX);
  }

  /** A port that is free with those which a cluster of three takes beside it. */
  private static int freePort() throws IOException {
    for (int port = 20_000; port < 30_000; port += 10) {
      boolean free = true;
      for (int offset : new int[] {0, 1, 2, 1000, 1001, 1002}) {
        try (ServerSocket socket = new ServerSocket(port + offset)) {
          free = free && socket.isBound();
        } catch (IOException e) {
          free = false;
        }
      }
      if (free) {
        return port;
      }
    }
    throw new IOException("no free ports from 20000 to 30000");
  }

  private static void stop(Process process) {
    List<ProcessHandle> below = process.descendants().toList();
    process.destroy();
    process.onExit().completeOnTimeout(process, END_SECONDS_MAX, TimeUnit.SECONDS).join();
    process.destroyForcibly().onExit().join();
    below.forEach(ProcessHandle::destroyForcibly);
  }

  @Override
  public void close() {
    stop(process);
  }
}
