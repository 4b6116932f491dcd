package io.rafttsdb.storage.block;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Prometheus's promtool, as tests of the format use it: one in PROMETHEUS_HOME, one on the PATH.
 */
public record Promtool(Path program) {

  public static final String NONE =
      "skipped: no promtool in PROMETHEUS_HOME or on the PATH (Debian: prometheus)";

  /** A run takes less, or something is wrong. */
  private static final long RUN_SECONDS_MAX = 60;

  /** The first in PROMETHEUS_HOME and the first on the PATH; none, one or two. */
  public static List<Promtool> all() {
    List<Path> homes = new ArrayList<>();
    String home = System.getenv("PROMETHEUS_HOME");
    if (home != null) {
      homes.add(Path.of(home));
      homes.add(Path.of(home, "bin"));
    }
    List<Path> path = new ArrayList<>();
    String variable = System.getenv("PATH");
    if (variable != null) {
      for (String place : variable.split(File.pathSeparator, -1)) {
        path.add(Path.of(place));
      }
    }
    List<Promtool> found = new ArrayList<>();
    for (List<Path> places : List.of(homes, path)) {
      places.stream()
          .map(place -> place.resolve("promtool"))
          .filter(Files::isExecutable)
          .filter(program -> found.stream().noneMatch(other -> other.program.equals(program)))
          .findFirst()
          .ifPresent(program -> found.add(new Promtool(program)));
    }
    return found;
  }

  /** What it printed; fails with all that it printed where its exit code is not 0. */
  public String run(Path scratch, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(List.of(arguments));
    Path out = Files.createTempFile(scratch, "promtool", ".out");
    Path errors = Files.createTempFile(scratch, "promtool", ".err");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(errors.toFile())
            .start();
    try {
      if (!process.waitFor(RUN_SECONDS_MAX, TimeUnit.SECONDS)) {
        throw new IOException(command + " runs longer than " + RUN_SECONDS_MAX + " s");
      }
    } finally {
      process.destroyForcibly();
    }
    String printed = Files.readString(out, UTF_8);
    if (process.exitValue() != 0) {
      throw new IOException(
          command
              + " ended with "
              + process.exitValue()
              + ": "
              + printed
              + Files.readString(errors, UTF_8));
    }
    return printed;
  }

  @Override
  public String toString() {
    return program.toString();
  }
}
