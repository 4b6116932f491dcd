package io.rafttsdb.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.model.Labels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a stock promtool finds in directories of blocks. */
final class PromtoolDump {
  private static final Pattern LINE = Pattern.compile("\\{(.*)\\} (\\S+) (-?\\d+)");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"([^\"]*)\"");

  private final Path promtool;

  private PromtoolDump(Path promtool) {
    this.promtool = promtool;
  }

  /** That of PROMETHEUS_HOME or /usr/bin, where there is one. */
  static Optional<PromtoolDump> find() {
    return Stream.of(
            Optional.ofNullable(System.getenv("PROMETHEUS_HOME")).orElse("/usr/bin"), "/usr/bin")
        .flatMap(home -> Stream.of(Path.of(home, "promtool"), Path.of(home, "bin", "promtool")))
        .filter(Files::isExecutable)
        .findFirst()
        .map(PromtoolDump::new);
  }

  /** Names of the blocks that it lists are in the text. */
  String list(Path blocks) throws IOException, InterruptedException {
    return run("list", blocks);
  }

  /** The floats of one block, by series and time: bits of their values. */
  Map<Labels, NavigableMap<Long, Long>> dump(Path block, Path scratch)
      throws IOException, InterruptedException {
    Path alone = Files.createTempDirectory(scratch, "block");
    Files.createDirectory(alone.resolve("wal")); // which it insists on
    copy(block, alone.resolve(block.getFileName()));
    Map<Labels, NavigableMap<Long, Long>> samples = new TreeMap<>();
    for (String line : run("dump", alone).split("\n", -1)) {
      Matcher sample = LINE.matcher(line);
      if (sample.matches()) {
        samples
            .computeIfAbsent(labels(sample.group(1)), none -> new TreeMap<>())
            .put(
                Long.valueOf(sample.group(3)),
                Double.doubleToRawLongBits(Double.parseDouble(sample.group(2))));
      }
    }
    return samples;
  }

  private static Labels labels(String text) {
    Labels.Builder labels = new Labels.Builder();
    for (Matcher label = LABEL.matcher(text); label.find(); ) {
      labels.set(label.group(1), label.group(2));
    }
    return labels.build();
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  private String run(String command, Path directory) throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of(promtool.toString(), "tsdb", command));
    arguments.add(directory.toString());
    Process process = new ProcessBuilder(arguments).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(text).isZero();
    return text;
  }
}
