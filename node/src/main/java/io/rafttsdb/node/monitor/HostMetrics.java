package io.rafttsdb.node.monitor;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The host's processor, memory and load as the Linux kernel tells them under /proc, named as
 * node_exporter names them. Nothing where there is no /proc.
 */
public final class HostMetrics implements MetricSource {

  /** The unit of /proc/stat, the same on every architecture that Java runs on. */
  private static final double TICKS_PER_SECOND = 100;

  private static final double KIB = 1024;
  private static final String[] CPU_MODES = {
    "user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"
  };
  private static final Map<String, String> COUNTERS_OF_STAT =
      Map.of(
          "ctxt", "node_context_switches_total",
          "intr", "node_intr_total",
          "processes", "node_forks_total");
  private static final Map<String, String> GAUGES_OF_STAT =
      Map.of(
          "btime", "node_boot_time_seconds",
          "procs_running", "node_procs_running",
          "procs_blocked", "node_procs_blocked");
  private static final Set<String> VMSTAT =
      Set.of("oom_kill", "pgfault", "pgmajfault", "pgpgin", "pgpgout", "pswpin", "pswpout");
  private static final double MICROSECONDS = 1e6;

  private final ProcFiles proc;

  /**
   * @param proc /proc
   */
  public HostMetrics(Path proc) {
    this.proc = new ProcFiles(proc);
  }

  @Override
  public void collect(MetricSink sink) {
    for (String line : proc.lines("stat")) {
      stat(sink, ProcFiles.fields(line));
    }
    proc.lines("meminfo").forEach(line -> memory(sink, line));
    load(sink, proc.lines("loadavg"));
    for (String line : proc.lines("vmstat")) {
      String[] fields = ProcFiles.fields(line);
      if (fields.length == 2 && VMSTAT.contains(fields[0])) {
        sink.counter(
            "node_vmstat_" + fields[0],
            "/proc/vmstat information field " + fields[0] + ".",
            ProcFiles.number(fields[1]));
      }
    }
    for (String resource : List.of("cpu", "memory", "io")) {
      proc.lines("pressure/" + resource).forEach(line -> pressure(sink, resource, line));
    }
    uname(sink);
  }

  private static void stat(MetricSink sink, String[] fields) {
    if (fields.length < 2) {
      return;
    }
    if (fields[0].startsWith("cpu") && fields[0].length() > 3) {
      for (int i = 0; i < CPU_MODES.length && i + 1 < fields.length; i++) {
        sink.counter(
            "node_cpu_seconds_total",
            "Seconds the CPUs spent in each mode.",
            ProcFiles.number(fields[i + 1]) / TICKS_PER_SECOND,
            "cpu",
            fields[0].substring(3),
            "mode",
            CPU_MODES[i]);
      }
    }
    String counter = COUNTERS_OF_STAT.get(fields[0]);
    if (counter != null) {
      sink.counter(counter, "Field " + fields[0] + " of /proc/stat.", ProcFiles.number(fields[1]));
    }
    String gauge = GAUGES_OF_STAT.get(fields[0]);
    if (gauge != null) {
      sink.gauge(gauge, "Field " + fields[0] + " of /proc/stat.", ProcFiles.number(fields[1]));
    }
  }

  /** {@code Active(anon): 1616 kB}: node_memory_Active_anon_bytes. */
  private static void memory(MetricSink sink, String line) {
    String[] fields = ProcFiles.fields(line);
    if (fields.length < 2 || !fields[0].endsWith(":")) {
      return;
    }
    String field = fields[0].substring(0, fields[0].length() - 1);
    String name = "node_memory_" + field.replace('(', '_').replace(")", "");
    String help = "Memory information field " + field + ".";
    double value = ProcFiles.number(fields[1]);
    if (fields.length > 2) {
      sink.gauge(name + "_bytes", help, value * KIB);
    } else {
      sink.gauge(name, help, value);
    }
  }

  private static void load(MetricSink sink, List<String> lines) {
    if (lines.isEmpty()) {
      return;
    }
    String[] fields = ProcFiles.fields(lines.getFirst());
    String[] minutes = {"1", "5", "15"};
    for (int i = 0; i < minutes.length && i < fields.length; i++) {
      sink.gauge(
          "node_load" + minutes[i], minutes[i] + "m load average.", ProcFiles.number(fields[i]));
    }
  }

  /** {@code some avg10=0.00 avg60=0.00 avg300=0.00 total=12142704}, in microseconds. */
  private static void pressure(MetricSink sink, String resource, String line) {
    int total = line.indexOf("total=");
    if (total < 0) {
      return;
    }
    boolean some = line.startsWith("some");
    if (resource.equals("cpu") && !some) {
      return; // of the whole machine it means nothing
    }
    sink.counter(
        "node_pressure_" + resource + (some ? "_waiting" : "_stalled") + "_seconds_total",
        "Time in which "
            + (some ? "a process" : "no process went on because it")
            + " waited for "
            + resource
            + ".",
        ProcFiles.number(line.substring(total + "total=".length())) / MICROSECONDS);
  }

  private void uname(MetricSink sink) {
    List<String> name = proc.lines("sys/kernel/hostname");
    List<String> release = proc.lines("sys/kernel/osrelease");
    List<String> system = proc.lines("sys/kernel/ostype");
    if (!name.isEmpty() && !release.isEmpty() && !system.isEmpty()) {
      sink.gauge(
          "node_uname_info",
          "The host as uname tells it; the value is 1.",
          1,
          "machine",
          System.getProperty("os.arch", ""),
          "nodename",
          name.getFirst(),
          "release",
          release.getFirst(),
          "sysname",
          system.getFirst());
    }
  }
}
