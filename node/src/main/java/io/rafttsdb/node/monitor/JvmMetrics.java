package io.rafttsdb.node.monitor;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryUsage;
import java.lang.management.ThreadMXBean;

/** The Java machine, under the names of Prometheus's Java client. */
public final class JvmMetrics implements MetricSource {

  @Override
  public void collect(MetricSink sink) {
    memory(sink);
    for (GarbageCollectorMXBean gc : ManagementFactory.getGarbageCollectorMXBeans()) {
      sink.summary(
          "jvm_gc_collection_seconds",
          "Time spent in a garbage collector.",
          Math.max(0, gc.getCollectionTime()) / 1e3,
          Math.max(0, gc.getCollectionCount()),
          "gc",
          gc.getName());
    }
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    sink.gauge("jvm_threads_current", "Platform threads.", threads.getThreadCount());
    sink.gauge("jvm_threads_daemon", "Daemon threads.", threads.getDaemonThreadCount());
    sink.gauge("jvm_threads_peak", "Most platform threads at once.", threads.getPeakThreadCount());
    sink.counter(
        "jvm_threads_started_total", "Threads started.", threads.getTotalStartedThreadCount());
    sink.gauge(
        "jvm_classes_currently_loaded",
        "Classes loaded.",
        ManagementFactory.getClassLoadingMXBean().getLoadedClassCount());
    sink.gauge(
        "jvm_info",
        "The Java machine; the value is 1.",
        1,
        "version",
        System.getProperty("java.runtime.version", ""),
        "vendor",
        System.getProperty("java.vendor", ""),
        "runtime",
        System.getProperty("java.runtime.name", ""));
  }

  private static void memory(MetricSink sink) {
    var memory = ManagementFactory.getMemoryMXBean();
    area(sink, "heap", memory.getHeapMemoryUsage());
    area(sink, "nonheap", memory.getNonHeapMemoryUsage());
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      MemoryUsage usage = pool.getUsage();
      if (usage != null) {
        sink.gauge(
            "jvm_memory_pool_used_bytes",
            "Used bytes of a memory pool.",
            usage.getUsed(),
            "pool",
            pool.getName());
      }
    }
    for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
      sink.gauge(
          "jvm_buffer_pool_used_bytes",
          "Used bytes of a buffer pool.",
          pool.getMemoryUsed(),
          "pool",
          pool.getName());
    }
  }

  private static void area(MetricSink sink, String area, MemoryUsage usage) {
    sink.gauge(
        "jvm_memory_used_bytes", "Used bytes of a memory area.", usage.getUsed(), "area", area);
    sink.gauge(
        "jvm_memory_committed_bytes",
        "Committed bytes of a memory area.",
        usage.getCommitted(),
        "area",
        area);
    sink.gauge(
        "jvm_memory_max_bytes",
        "Most bytes that a memory area may take; -1 where there is no limit.",
        usage.getMax(),
        "area",
        area);
  }
}
