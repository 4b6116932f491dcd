package io.rafttsdb.bench;

import java.util.Locale;

/**
 * What one run of one system came to.
 *
 * @param cpuSecondsPerMillion CPU of all processes of the system, user and kernel
 * @param warmSamplesPerSecond in the second half of the run
 * @param warmCpuSecondsPerMillion in the second half of the run
 * @param p50Ms of a request of 2,000 samples
 * @param rssMib sum of the peaks of its processes
 * @param logBytesPerSample of one copy's log
 * @param retries answers 503, each sent again
 */
record Figures(
    String system,
    String workload,
    int round,
    double samplesPerSecond,
    double cpuSecondsPerMillion,
    double warmSamplesPerSecond,
    double warmCpuSecondsPerMillion,
    double p50Ms,
    double p99Ms,
    double rssMib,
    double logBytesPerSample,
    int retries) {

  String line() {
    return String.format(
        Locale.ROOT,
        "%-6s %-18s %,12.0f samples/s  %5.2f CPU s/M  second half %,10.0f  %5.2f  p50 %7.1f ms  p99 %7.1f ms  %,6.0f MiB"
            + "  log %5.1f B/sample  %d retries",
        workload,
        system,
        samplesPerSecond,
        cpuSecondsPerMillion,
        warmSamplesPerSecond,
        warmCpuSecondsPerMillion,
        p50Ms,
        p99Ms,
        rssMib,
        logBytesPerSample,
        retries);
  }
}
