package io.rafttsdb.bench;

import io.rafttsdb.client.TimeSeries;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Series in the manner of TSBS's devops set: hosts with 100 series each (cpu, memory, disk,
 * network, redis, a request histogram), 11 to 13 labels a series. Series number i is the same for
 * ever.
 */
final class DevopsSeries {

  static final int SERIES_PER_HOST = 100;

  private static final String[] REGIONS = {
    "us-east-1",
    "us-west-1",
    "us-west-2",
    "eu-west-1",
    "eu-central-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-northeast-1",
    "sa-east-1"
  };
  private static final String[] SYSTEMS = {"Ubuntu16.10", "Ubuntu16.04LTS", "Ubuntu15.10"};
  private static final String[] MACHINES = {"x64", "x86", "arm64"};
  private static final String[] TEAMS = {"SF", "NYC", "LON", "CHI"};

  private static final String[] CPU = {
    "user", "system", "idle", "nice", "iowait", "irq", "softirq", "steal", "guest", "guest_nice"
  };
  private static final String[] MEMORY = {
    "total",
    "available",
    "used",
    "free",
    "cached",
    "buffered",
    "used_percent",
    "available_percent",
    "buffered_percent",
    "slab"
  };
  private static final String[] DISK_IO = {
    "reads", "writes", "read_bytes", "write_bytes", "read_time", "write_time", "io_time"
  };
  private static final String[] DISK = {"total", "free", "used", "used_percent", "inodes_free"};
  private static final String[] NET = {
    "bytes_sent",
    "bytes_recv",
    "packets_sent",
    "packets_recv",
    "err_in",
    "err_out",
    "drop_in",
    "drop_out"
  };
  private static final String[] REDIS = {
    "uptime_in_seconds", "total_connections_received", "expired_keys", "evicted_keys",
    "keyspace_hits", "keyspace_misses", "instantaneous_ops_per_sec", "used_memory",
    "used_memory_rss", "used_memory_peak", "used_memory_lua", "connected_clients"
  };
  private static final String[] LE = {
    "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0", "10.0", "+Inf"
  };

  private static final List<OfHost> OF_HOST = seriesOfHost();

  private DevopsSeries() {}

  /** A series without the labels of its host, and whether it only grows. */
  private record OfHost(Map<String, String> labels, boolean counter) {}

  static Map<String, String> labels(int series) {
    int host = series / SERIES_PER_HOST;
    int region = host % REGIONS.length;
    Map<String, String> labels = new TreeMap<>(OF_HOST.get(series % SERIES_PER_HOST).labels());
    labels.put("hostname", "host_" + host);
    labels.put("region", REGIONS[region]);
    labels.put("datacenter", REGIONS[region] + (char) ('a' + host / REGIONS.length % 3));
    labels.put("rack", Integer.toString(host % 97));
    labels.put("os", SYSTEMS[host % SYSTEMS.length]);
    labels.put("arch", MACHINES[host % MACHINES.length]);
    labels.put("team", TEAMS[host % TEAMS.length]);
    labels.put("service", Integer.toString(host % 19));
    labels.put("instance", "10.0." + host / 250 + "." + host % 250 + ":9100");
    labels.put("job", "devops");
    return labels;
  }

  static boolean isCounter(int series) {
    return OF_HOST.get(series % SERIES_PER_HOST).counter();
  }

  private static List<OfHost> seriesOfHost() {
    List<OfHost> all = new ArrayList<>();
    for (String name : CPU) {
      all.add(of("cpu_usage_" + name, false));
    }
    for (String name : MEMORY) {
      all.add(of("mem_" + name, false));
    }
    for (String device : new String[] {"sda", "sdb"}) {
      for (String name : DISK_IO) {
        all.add(of("diskio_" + name, true, "device", device));
      }
      for (String name : DISK) {
        all.add(of("disk_" + name, false, "path", "/mnt/" + device, "fstype", "ext4"));
      }
    }
    for (String name : NET) {
      all.add(of("net_" + name, true, "interface", "eth0"));
      all.add(of("net_" + name, true, "interface", "eth1"));
    }
    for (int i = 0; i < REDIS.length; i++) {
      all.add(of("redis_" + REDIS[i], i < 6, "port", "6379"));
    }
    String histogram = "http_request_duration_seconds";
    for (String handler : new String[] {"/api", "/login"}) {
      for (String le : LE) {
        all.add(of(histogram + "_bucket", true, "handler", handler, "le", le));
      }
      all.add(of(histogram + "_sum", true, "handler", handler));
      all.add(of(histogram + "_count", true, "handler", handler));
    }
    return List.copyOf(all);
  }

  private static OfHost of(String name, boolean counter, String... more) {
    Map<String, String> labels = new TreeMap<>();
    labels.put(TimeSeries.METRIC_NAME, name);
    for (int i = 0; i < more.length; i += 2) {
      labels.put(more[i], more[i + 1]);
    }
    return new OfHost(Map.copyOf(labels), counter);
  }
}
