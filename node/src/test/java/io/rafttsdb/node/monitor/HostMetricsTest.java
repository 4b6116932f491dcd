package io.rafttsdb.node.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HostMetricsTest {

  @TempDir Path proc;

  @Test
  void theKernelsFilesBecomeNodeExportersMetrics() throws IOException {
    file(
        "stat",
        """
        cpu  30 0 12 25 13 0 4 2 0 0
        cpu0 10 1 2 300 4 5 6 7 0 0
        cpu1 20 0 10 25 13 0 4 2 0 0
        intr 1250481 0 0 0
        ctxt 3243277
        btime 1795343904
        processes 20709
        procs_running 14
        """);
    file(
        "meminfo",
        """
        MemTotal:       24684092 kB
        Active(anon):       1616 kB
        HugePages_Total:       7
        """);
    file("loadavg", "12.50 9.10 5.02 13/276 20706\n");
    file("vmstat", "pgfault 14403957\nnr_free_pages 9\n");
    file("pressure/cpu", "some avg10=9 total=2500000\nfull avg10=0 total=77\n");
    file("pressure/io", "some avg10=9 total=1\nfull avg10=0 total=1000000\n");
    file("sys/kernel/hostname", "alpha\n");
    file("sys/kernel/osrelease", "6.18\n");
    file("sys/kernel/ostype", "Linux\n");

    String text = text(new HostMetrics(proc));

    assertThat(text.lines())
        .contains(
            "# TYPE node_cpu_seconds_total counter",
            "node_cpu_seconds_total{cpu=\"0\",mode=\"idle\"} 3",
            "node_cpu_seconds_total{cpu=\"0\",mode=\"steal\"} 0.07",
            "node_cpu_seconds_total{cpu=\"1\",mode=\"user\"} 0.2",
            "node_intr_total 1250481",
            "node_context_switches_total 3243277",
            "# TYPE node_boot_time_seconds gauge",
            "node_boot_time_seconds 1795343904",
            "node_forks_total 20709",
            "node_procs_running 14",
            "node_memory_MemTotal_bytes 25276510208",
            "node_memory_Active_anon_bytes 1654784",
            "node_memory_HugePages_Total 7",
            "node_load1 12.5",
            "node_load15 5.02",
            "node_vmstat_pgfault 14403957",
            "node_pressure_cpu_waiting_seconds_total 2.5",
            "node_pressure_io_stalled_seconds_total 1")
        .anyMatch(
            line -> line.startsWith("node_uname_info{") && line.contains("nodename=\"alpha\""))
        .noneMatch(line -> line.contains("cpu=\"\"") || line.contains("nr_free_pages"));
  }

  @Test
  void disksNetworkAndTheDataDirectoryAreTold() throws IOException {
    file(
        "diskstats",
        """
           7       0 loop0 1 1 1 1 1 1 1 1 1 1 1
           8       1 sda1 1 1 1 1 1 1 1 1 1 1 1
         254       0 vda 10 20 4 500 30 40 8 1500 3 2500 3500 0 0 0 0
         259       0 nvme0n1 1 0 0 0 0 0 0 0 0 0 0
        """);
    file(
        "net/dev",
        """
        Inter-|   Receive                                                |  Transmit
         face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
            lo: 134 9 1 2 3 4 5 6 208 10 11 12 13 14 15 16
        """);
    file("self/mounts", "/dev/vda / ext4 rw 0 0\n");

    String text = text(new HostDevices(proc, proc));

    assertThat(text.lines())
        .contains(
            "node_disk_reads_completed_total{device=\"vda\"} 10",
            "node_disk_read_bytes_total{device=\"vda\"} 2048",
            "node_disk_read_time_seconds_total{device=\"vda\"} 0.5",
            "node_disk_written_bytes_total{device=\"vda\"} 4096",
            "node_disk_io_now{device=\"vda\"} 3",
            "node_disk_io_time_seconds_total{device=\"vda\"} 2.5",
            "node_disk_io_time_weighted_seconds_total{device=\"vda\"} 3.5",
            "node_network_receive_bytes_total{device=\"lo\"} 134",
            "node_network_receive_multicast_total{device=\"lo\"} 6",
            "node_network_transmit_bytes_total{device=\"lo\"} 208",
            "node_network_transmit_compressed_total{device=\"lo\"} 16")
        .anyMatch(line -> line.matches("node_filesystem_avail_bytes\\{.*mountpoint=\"/\"} [0-9]+"))
        .anyMatch(line -> line.contains("device=\"nvme0n1\""))
        .noneMatch(line -> line.contains("loop0") || line.contains("sda1"));
  }

  @Test
  void withoutTheKernelsFilesThereIsNothingAndNoError() {
    Path nowhere = proc.resolve("nowhere");

    assertThat(text(new HostMetrics(nowhere))).isEmpty();
    assertThat(text(new HostDevices(nowhere, nowhere))).isEmpty();
    assertThat(text(new ProcessMetrics(nowhere)))
        .contains("process_cpu_seconds_total ")
        .doesNotContain("process_open_fds");
  }

  @Test
  void theProcessIsReadFromTheKernelsFilesToo() throws IOException {
    file("self/status", "VmSize:\t  2000 kB\nVmRSS:\t    1000 kB\n");
    file(
        "self/limits",
        "Max open files            1024                 4096                 files\n");
    file("self/io", "rchar: 7\nread_bytes: 512\nwrite_bytes: 1024\ncancelled_write_bytes: 1\n");
    file("self/fd/0", "");
    file("self/fd/1", "");

    assertThat(text(new ProcessMetrics(proc)).lines())
        .contains(
            "process_resident_memory_bytes 1024000",
            "process_virtual_memory_bytes 2048000",
            "process_open_fds 2",
            "process_max_fds 1024",
            "process_io_storage_read_bytes_total 512",
            "process_io_storage_written_bytes_total 1024");
  }

  @Test
  void theJavaMachineIsTold() {
    assertThat(text(new JvmMetrics()).lines())
        .anyMatch(line -> line.matches("jvm_memory_used_bytes\\{area=\"heap\"} [1-9][0-9]*"))
        .anyMatch(line -> line.matches("jvm_gc_collection_seconds_count\\{gc=\".*\"} [0-9]+"))
        .anyMatch(line -> line.matches("jvm_threads_current [1-9][0-9]*"))
        .anyMatch(line -> line.startsWith("jvm_info{version=\"25"));
  }

  @Test
  void theTextIsEscapedAndGrouped() {
    NodeMetrics metrics =
        new NodeMetrics(
            List.of(
                sink -> sink.gauge("b", "Two\nlines \\.", 1e300, "l", "a\"b\\c\nd"),
                sink -> sink.counter("a_total", "A.", 1, "x", "1"),
                sink -> sink.gauge("b", "Two\nlines \\.", Double.NEGATIVE_INFINITY),
                sink -> sink.summary("s", "S.", 0.5, 3)));

    assertThat(TextFormat.print(metrics.collect()))
        .isEqualTo(
            """
            # HELP b Two\\nlines \\\\.
            # TYPE b gauge
            b{l="a\\"b\\\\c\\nd"} 1.0E300
            b -Inf
            # HELP a_total A.
            # TYPE a_total counter
            a_total{x="1"} 1
            # HELP s S.
            # TYPE s summary
            s_sum 0.5
            s_count 3
            """);
    assertThat(Stream.of(-0.0, Double.NaN, 1e15, 1795343904.25).map(TextFormat::number))
        .containsExactly("-0.0", "NaN", "1.0E15", "1.79534390425E9");
  }

  private static String text(MetricSource source) {
    return TextFormat.print(new NodeMetrics(List.of(source)).collect());
  }

  private void file(String name, String text) throws IOException {
    Path file = proc.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
