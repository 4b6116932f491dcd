package io.rafttsdb.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What Raft has cost a leader since it began, by its own metrics.
 *
 * @param entries of samples and commands
 * @param fsyncs forced writes of the log
 * @param applySeconds that its apply thread was busy
 * @param samples stored
 * @param snapshots taken
 * @param freezeSeconds that apply stood still for the last of them
 */
record LeaderCosts(
    double entries,
    double logBytes,
    double fsyncs,
    double applySeconds,
    double samples,
    double snapshots,
    double freezeSeconds) {

  private static final double NANOS = 1e9;
  private static final double MILLIS = 1e3;

  /** Reads them from a node that leads. */
  static LeaderCosts of(HttpClient http, URI node) throws IOException, InterruptedException {
    String text =
        http.send(HttpRequest.newBuilder(node.resolve("/metrics")).build(), BodyHandlers.ofString())
            .body();
    Map<String, Double> values = new HashMap<>();
    text.lines()
        .filter(line -> line.startsWith("raft_tsdb_") && line.indexOf(' ') > 0)
        .forEach(line -> {
          int space = line.indexOf(' ');
          String series = line.substring(0, space);
          int labels = series.indexOf('{');
          values.merge(
              labels < 0 ? series : series.substring(0, labels),
              Double.valueOf(line.substring(space + 1)),
              Double::sum);
        });
    return new LeaderCosts(
        value(values, "raft_entries_submitted_total"),
        value(values, "raft_bytes_submitted_total"),
        value(values, "raft_fsyncs_total"),
        value(values, "raft_apply_seconds_total"),
        value(values, "samples_stored_total"),
        value(values, "snapshots_taken_total"),
        value(values, "snapshot_freeze_seconds"));
  }

  private static double value(Map<String, Double> values, String name) {
    Double value = values.get("raft_tsdb_" + name);
    if (value == null) {
      throw new IllegalStateException("the node has no metric raft_tsdb_" + name);
    }
    return value;
  }

  /** What came in a run of so many seconds, of which this is the end. */
  String since(LeaderCosts start, double seconds) {
    double stored = samples - start.samples;
    return String.format(
        Locale.ROOT,
        "    leader: %.2f log bytes a sample, %,.0f entries/s, %,.0f forced writes/s, apply %,.0f"
            + " ns a sample, %.0f snapshots, the last stopped apply for %.1f ms",
        (logBytes - start.logBytes) / stored,
        (entries - start.entries) / seconds,
        (fsyncs - start.fsyncs) / seconds,
        (applySeconds - start.applySeconds) / stored * NANOS,
        snapshots - start.snapshots,
        freezeSeconds * MILLIS);
  }
}
