package io.rafttsdb.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/** The runs of a benchmark, as a table of medians with ratios, and as JSON with every run. */
record IngestReport(List<Figures> runs) {

  private record Column(String name, String format, ToDoubleFunction<Figures> value) {}

  private static final List<Column> COLUMNS =
      List.of(
          new Column("samples/s", "%,.0f", Figures::samplesPerSecond),
          new Column("CPU s/M samples", "%.2f", Figures::cpuSecondsPerMillion),
          new Column("second half: samples/s", "%,.0f", Figures::warmSamplesPerSecond),
          new Column("second half: CPU s/M samples", "%.2f", Figures::warmCpuSecondsPerMillion),
          new Column("p50 ms", "%.1f", Figures::p50Ms),
          new Column("p99 ms", "%.1f", Figures::p99Ms),
          new Column("peak RSS MiB", "%,.0f", Figures::rssMib),
          new Column("log B/sample", "%.1f", Figures::logBytesPerSample));

  /** Medians over the rounds; in brackets the ratio to the first system. */
  String table() {
    StringBuilder table = new StringBuilder();
    for (String workload : distinct(runs, true)) {
      List<Figures> ofWorkload = runs.stream().filter(r -> r.workload().equals(workload)).toList();
      List<String> systems = List.copyOf(distinct(ofWorkload, false));
      table.append("\nworkload ").append(workload).append(", medians\n| |");
      systems.forEach(system -> table.append(' ').append(system).append(" |"));
      table.append("\n|---|").append("---|".repeat(systems.size())).append('\n');
      for (Column column : COLUMNS) {
        table.append("| ").append(column.name()).append(" |");
        double first = median(ofWorkload, systems.getFirst(), column);
        for (String system : systems) {
          double value = median(ofWorkload, system, column);
          table.append(' ').append(String.format(Locale.ROOT, column.format(), value));
          if (!system.equals(systems.getFirst()) && value > 0) {
            table.append(String.format(Locale.ROOT, " (%.2f)", first / value));
          }
          table.append(" |");
        }
        table.append('\n');
      }
    }
    return table
        .append("In brackets: the first system's figure divided by this one's.\n")
        .toString();
  }

  String json() throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.useDefaultPrettyPrinter();
      json.writeStartObject();
      json.writeNumberField("processors", Runtime.getRuntime().availableProcessors());
      json.writeArrayFieldStart("runs");
      for (Figures run : runs) {
        json.writeStartObject();
        json.writeStringField("workload", run.workload());
        json.writeStringField("system", run.system());
        json.writeNumberField("round", run.round());
        for (Column column : COLUMNS) {
          json.writeNumberField(column.name(), column.value().applyAsDouble(run));
        }
        json.writeNumberField("retries", run.retries());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    return text + "\n";
  }

  private static Set<String> distinct(List<Figures> runs, boolean workloads) {
    Set<String> names = new LinkedHashSet<>();
    runs.forEach(run -> names.add(workloads ? run.workload() : run.system()));
    return names;
  }

  private static double median(List<Figures> runs, String system, Column column) {
    List<Double> values = new ArrayList<>();
    for (Figures run : runs) {
      if (run.system().equals(system)) {
        values.add(column.value().applyAsDouble(run));
      }
    }
    values.sort(Double::compare);
    int middle = values.size() / 2;
    return values.size() % 2 == 1
        ? values.get(middle)
        : (values.get(middle - 1) + values.get(middle)) / 2;
  }
}
