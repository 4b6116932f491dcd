package io.rafttsdb.node.monitor;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;

/** This process, under the names that every Prometheus client uses. */
public final class ProcessMetrics implements MetricSource {

  private static final double KIB = 1024;
  private static final int NO_LIMIT_FIELDS = 4;

  private final ProcFiles self;
  private final double startTimeSeconds;

  public ProcessMetrics(Path proc) {
    this.self = new ProcFiles(proc.resolve("self"));
    this.startTimeSeconds = ManagementFactory.getRuntimeMXBean().getStartTime() / 1e3;
  }

  @Override
  public void collect(MetricSink sink) {
    if (ManagementFactory.getOperatingSystemMXBean()
        instanceof com.sun.management.OperatingSystemMXBean system) {
      sink.counter(
          "process_cpu_seconds_total",
          "User and system CPU time spent.",
          system.getProcessCpuTime() / 1e9);
    }
    sink.gauge("process_start_time_seconds", "Start of the process, since 1970.", startTimeSeconds);
    for (String line : self.lines("status")) {
      String[] fields = ProcFiles.fields(line);
      if (line.startsWith("VmRSS:") && fields.length > 1) {
        sink.gauge(
            "process_resident_memory_bytes", "Resident memory.", ProcFiles.number(fields[1]) * KIB);
      } else if (line.startsWith("VmSize:") && fields.length > 1) {
        sink.gauge(
            "process_virtual_memory_bytes", "Virtual memory.", ProcFiles.number(fields[1]) * KIB);
      }
    }
    long files = self.count("fd");
    if (files > 0) {
      sink.gauge("process_open_fds", "Open file descriptors.", files);
    }
    maxFiles(sink, self.lines("limits"));
    io(sink, self.lines("io"));
  }

  private static void maxFiles(MetricSink sink, List<String> limits) {
    for (String line : limits) {
      if (line.startsWith("Max open files")) {
        String[] fields = ProcFiles.fields(line);
        double soft = fields.length < NO_LIMIT_FIELDS ? Double.NaN : ProcFiles.number(fields[3]);
        if (!Double.isNaN(soft)) {
          sink.gauge("process_max_fds", "Most file descriptors that may be open.", soft);
        }
      }
    }
  }

  private static void io(MetricSink sink, List<String> lines) {
    for (String line : lines) {
      String[] fields = ProcFiles.fields(line);
      if (line.startsWith("read_bytes:")) {
        sink.counter(
            "process_io_storage_read_bytes_total",
            "Bytes that this process had the disk read.",
            ProcFiles.number(fields[1]));
      } else if (line.startsWith("write_bytes:")) {
        sink.counter(
            "process_io_storage_written_bytes_total",
            "Bytes that this process had the disk write.",
            ProcFiles.number(fields[1]));
      }
    }
  }
}
