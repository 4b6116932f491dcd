package io.rafttsdb.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rafttsdb.storage.model.Labels;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/**
 * Half an hour of real scrapes: what a Prometheus stored of a node_exporter (version 1.5 on a
 * machine with two cores), one scrape every 15 seconds, 512 series. In the file a series' labels
 * stand on a line, its samples (milliseconds, value) on the next ones.
 */
final class RecordedScrapes {

  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

  private RecordedScrapes() {}

  /** Value bits by series and time. */
  static SortedMap<Labels, SortedMap<Long, Long>> read() throws IOException {
    SortedMap<Labels, SortedMap<Long, Long>> series = new TreeMap<>();
    SortedMap<Long, Long> samples = new TreeMap<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(
                    Objects.requireNonNull(
                        RecordedScrapes.class.getResourceAsStream("node_exporter.txt.gz"))),
                UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("{")) {
          samples = new TreeMap<>();
          series.put(labels(line), samples);
        } else {
          int blank = line.indexOf(' ');
          double value = Double.parseDouble(line.substring(blank + 1));
          samples.put(Long.parseLong(line.substring(0, blank)), Double.doubleToRawLongBits(value));
        }
      }
    }
    return series;
  }

  private static Labels labels(String line) {
    Labels.Builder labels = Labels.EMPTY.toBuilder();
    for (Matcher label = LABEL.matcher(line); label.find(); ) {
      labels.set(label.group(1), label.group(2).replace("\\\"", "\"").replace("\\\\", "\\"));
    }
    return labels.build();
  }
}
