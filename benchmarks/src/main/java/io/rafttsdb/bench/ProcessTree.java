package io.rafttsdb.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What a process and its descendants have used so far, from /proc. */
record ProcessTree(ProcessHandle root) {

  /** USER_HZ of every Linux that Java runs on. */
  private static final double TICKS_PER_SECOND = 100;

  double cpuSeconds() throws IOException {
    double seconds = 0;
    for (long pid : pids()) {
      String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      seconds += (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
    }
    return seconds;
  }

  /** The sum of the largest resident sizes. */
  double peakRssMib() throws IOException {
    double kib = 0;
    for (long pid : pids()) {
      kib += figure(pid, "status", "VmHWM:");
    }
    return kib / 1024;
  }

  private List<Long> pids() {
    return Stream.concat(Stream.of(root), root.descendants()).map(ProcessHandle::pid).toList();
  }

  private static long figure(long pid, String file, String name) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), file))) {
      if (line.startsWith(name)) {
        String figure = line.substring(name.length()).strip();
        return Long.parseLong(figure.toLowerCase(Locale.ROOT).replace(" kb", ""));
      }
    }
    throw new IOException("no " + name + " in /proc/" + pid + "/" + file);
  }
}
