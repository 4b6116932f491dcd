package io.rafttsdb.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** How many bytes of log come into being in a directory, those deleted meanwhile included. */
final class LogVolume {

  private static final long PERIOD_MS = 250;

  private final Path data;
  private final Contender contender;
  private final Map<Object, Long> sizes = new HashMap<>(); // by inode: a renamed file is the same
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread thread = new Thread(this::watch, "log-volume");

  private LogVolume(Path data, Contender contender) {
    this.data = data;
    this.contender = contender;
  }

  static LogVolume watch(Path data, Contender contender) {
    LogVolume volume = new LogVolume(data, contender);
    volume.thread.start();
    return volume;
  }

  /** Ends the watch. Returns the bytes of all copies. */
  long bytes() throws InterruptedException {
    stop.countDown();
    thread.join();
    look();
    return sizes.values().stream().mapToLong(Long::longValue).sum();
  }

  private void watch() {
    try {
      while (!stop.await(PERIOD_MS, TimeUnit.MILLISECONDS)) {
        look();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void look() {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(data)) {
      files = walk.filter(contender::isLog).toList();
    } catch (IOException | UncheckedIOException e) {
      return; // a directory went while it was walked: the next look sees the rest
    }
    for (Path file : files) {
      try {
        Object inode = Files.getAttribute(file, "unix:ino");
        sizes.merge(inode, Files.size(file), Math::max);
      } catch (IOException e) {
        continue; // deleted or renamed just now: it has been counted, or will be
      }
    }
  }
}
