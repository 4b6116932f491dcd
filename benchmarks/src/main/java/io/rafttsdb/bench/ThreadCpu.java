package io.rafttsdb.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * On what the Java processes below a process have spent CPU time so far, as {@code jcmd} tells it
 * of their threads.
 */
final class ThreadCpu {

  private static final long JCMD_SECONDS_MAX = 20;

  private static final Pattern THREAD =
      Pattern.compile("^\"(?<name>.*)\".* cpu=(?<millis>[0-9.]+)ms ");

  /** The first that fits counts. */
  private static final List<Kind> KINDS =
      List.of(
          new Kind("compiling (JIT)", "C[12] CompilerThread.*"),
          new Kind("collecting garbage", "(G1|GC|VM) .*|VM Thread|VM Periodic.*"),
          new Kind("requests: HTTP, snappy, decoding, look-up", "http-.*|ForkJoinPool-.*"),
          new Kind("apply", ".*StateMachineUpdater.*"),
          new Kind("log: write and force", ".*RaftLogWorker.*"),
          new Kind("entries: join and submit", ".*-joiner"),
          new Kind("replication", "grpc-.*|.*AppendLog.*|.*Grpc.*|.*appender.*|.*-server-.*"),
          new Kind("blocks, chunks, snapshots", ".*-(blocks|scrub|spill|snapshot|unmapper)"),
          new Kind("other", ".*"));

  private record Kind(String name, Pattern threads) {
    Kind(String name, String threads) {
      this(name, Pattern.compile(threads));
    }
  }

  private final Map<String, Double> seconds;

  private ThreadCpu(Map<String, Double> seconds) {
    this.seconds = seconds;
  }

  /** What the servers below a process used; those of other programs are left out. */
  static ThreadCpu of(ProcessHandle root) throws IOException, InterruptedException {
    Map<String, Double> seconds = new LinkedHashMap<>();
    KINDS.forEach(kind -> seconds.put(kind.name, 0.0));
    for (ProcessHandle each : Stream.concat(Stream.of(root), root.descendants()).toList()) {
      String command = each.info().command().orElse("");
      if (command.endsWith("/java")) {
        add(command.replaceAll("java$", "jcmd"), each.pid(), seconds);
      }
    }
    return new ThreadCpu(seconds);
  }

  private static void add(String jcmd, long pid, Map<String, Double> seconds)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(jcmd, Long.toString(pid), "Thread.print")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String text = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (!process.waitFor(JCMD_SECONDS_MAX, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
    text.lines()
        .map(THREAD::matcher)
        .filter(Matcher::find)
        .forEach(thread ->
            seconds.merge(
                kindOf(thread.group("name")),
                Double.parseDouble(thread.group("millis")) / 1e3,
                Double::sum));
  }

  private static String kindOf(String thread) {
    return KINDS.stream()
        .filter(kind -> kind.threads.matcher(thread).matches())
        .findFirst()
        .orElseThrow()
        .name;
  }

  /** A table of what was used since. */
  String since(ThreadCpu start, double samples) {
    StringBuilder table = new StringBuilder();
    seconds.forEach((kind, value) ->
        table.append(
            String.format(
                Locale.ROOT,
                "    %-42s %6.2f CPU s/M%n",
                kind,
                (value - start.seconds.getOrDefault(kind, 0.0)) / samples * 1e6)));
    return table.toString();
  }
}
