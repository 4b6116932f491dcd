package io.rafttsdb.node.monitor;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The host's disks, network interfaces and the file system of the data directory, named as
 * node_exporter names them.
 */
public final class HostDevices implements MetricSource {

  private static final double SECTOR_BYTES = 512;
  private static final double MILLISECONDS = 1e3;
  private static final int DEVICES_MAX = 256;

  /** Partitions and devices in memory, which node_exporter leaves out too. */
  private static final Pattern IGNORED_DISK =
      Pattern.compile("(z?ram|loop|fd|(h|s|v|xv)d[a-z])\\d+|nvme\\d+n\\d+p\\d+");

  private static final String[] NETWORK_FIELDS = {
    "bytes", "packets", "errs", "drop", "fifo", "frame", "compressed", "multicast"
  };
  private static final String[] NETWORK_FIELDS_OUT = {
    "bytes", "packets", "errs", "drop", "fifo", "colls", "carrier", "compressed"
  };

  private final ProcFiles proc;
  private final Path dataDirectory;

  /**
   * @param proc /proc
   * @param dataDirectory whose file system is told
   */
  public HostDevices(Path proc, Path dataDirectory) {
    this.proc = new ProcFiles(proc);
    this.dataDirectory = dataDirectory;
  }

  @Override
  public void collect(MetricSink sink) {
    proc.lines("diskstats").stream()
        .map(ProcFiles::fields)
        .filter(fields -> fields.length >= 14 && !IGNORED_DISK.matcher(fields[2]).matches())
        .limit(DEVICES_MAX)
        .forEach(fields -> disk(sink, fields));
    proc.lines("net/dev").stream()
        .filter(line -> line.contains(":"))
        .limit(DEVICES_MAX)
        .forEach(line -> network(sink, line));
    filesystem(sink);
  }

  /** Fields from the fourth on, see the kernel's Documentation/admin-guide/iostats.rst. */
  private static void disk(MetricSink sink, String[] fields) {
    disk(sink, fields, 3, "reads_completed_total", "Reads completed.", 1);
    disk(sink, fields, 4, "reads_merged_total", "Reads merged.", 1);
    disk(sink, fields, 5, "read_bytes_total", "Bytes read.", SECTOR_BYTES);
    disk(sink, fields, 6, "read_time_seconds_total", "Time of all reads.", 1 / MILLISECONDS);
    disk(sink, fields, 7, "writes_completed_total", "Writes completed.", 1);
    disk(sink, fields, 8, "writes_merged_total", "Writes merged.", 1);
    disk(sink, fields, 9, "written_bytes_total", "Bytes written.", SECTOR_BYTES);
    disk(sink, fields, 10, "write_time_seconds_total", "Time of all writes.", 1 / MILLISECONDS);
    sink.gauge(
        "node_disk_io_now",
        "Reads and writes under way.",
        ProcFiles.number(fields[11]),
        "device",
        fields[2]);
    disk(sink, fields, 12, "io_time_seconds_total", "Time doing I/O.", 1 / MILLISECONDS);
    disk(
        sink,
        fields,
        13,
        "io_time_weighted_seconds_total",
        "Time doing I/O, times the reads and writes under way.",
        1 / MILLISECONDS);
  }

  private static void disk(
      MetricSink sink, String[] fields, int field, String name, String help, double unit) {
    double value = ProcFiles.number(fields[field]) * unit;
    sink.counter("node_disk_" + name, help, value, "device", fields[2]);
  }

  private static void network(MetricSink sink, String line) {
    int colon = line.indexOf(':');
    String device = line.substring(0, colon).strip();
    String[] values = ProcFiles.fields(line.substring(colon + 1));
    int in = NETWORK_FIELDS.length;
    for (int i = 0; i < values.length && i < in + NETWORK_FIELDS_OUT.length; i++) {
      String field =
          i < in ? "receive_" + NETWORK_FIELDS[i] : "transmit_" + NETWORK_FIELDS_OUT[i - in];
      sink.counter(
          "node_network_" + field + "_total",
          "Network device statistic " + field + ".",
          ProcFiles.number(values[i]),
          "device",
          device);
    }
  }

  private void filesystem(MetricSink sink) {
    try {
      FileStore store = Files.getFileStore(dataDirectory);
      String[] labels = {
        "device", store.name(), "fstype", store.type(), "mountpoint", mountPoint()
      };
      sink.gauge(
          "node_filesystem_size_bytes", "Size of the file system.", store.getTotalSpace(), labels);
      sink.gauge(
          "node_filesystem_free_bytes",
          "Free bytes, those kept for root included.",
          store.getUnallocatedSpace(),
          labels);
      sink.gauge(
          "node_filesystem_avail_bytes",
          "Bytes that this process may still write.",
          store.getUsableSpace(),
          labels);
    } catch (IOException e) {
      return; // the directory is going away, or its file system is not there
    }
  }

  /** The longest mount point that the directory lies under, or the root. */
  private String mountPoint() throws IOException {
    Path directory = dataDirectory.toRealPath();
    List<String> mounts = proc.lines("self/mounts");
    String longest = "/";
    for (String mount : mounts) {
      String[] fields = ProcFiles.fields(mount);
      if (fields.length > 1
          && fields[1].length() > longest.length()
          && directory.startsWith(Path.of(fields[1]))) {
        longest = fields[1];
      }
    }
    return longest;
  }
}
