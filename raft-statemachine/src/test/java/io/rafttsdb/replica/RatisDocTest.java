package io.rafttsdb.replica;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/ratis.md names tests, methods and mistakes that are there, and something on every line. */
class RatisDocTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern METHOD = Pattern.compile("`(\\w+)#(\\w+)`");
  private static final Pattern MISTAKE = Pattern.compile("`([A-Z_]+_[A-Z_]+)`");
  private static final Pattern EVENT = Pattern.compile("\\*([A-Za-z ]+)\\*");

  private static String page() throws IOException {
    return Files.readString(ROOT.resolve("docs/ratis.md"));
  }

  /** By name of a class, the text of all files of that name. */
  private static Map<String, String> sources() throws IOException {
    try (Stream<Path> files = Files.walk(ROOT)) {
      return files
          .filter(file -> file.toString().endsWith(".java") && file.toString().contains("/src/"))
          .collect(
              Collectors.toMap(
                  file -> String.valueOf(file.getFileName()).replace(".java", ""),
                  RatisDocTest::text,
                  String::concat));
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void everyTestIsThere() throws IOException {
    Map<String, String> sources = sources();
    List<MatchResult> named = METHOD.matcher(page()).results().toList();
    assertThat(named).hasSizeGreaterThan(30);
    for (MatchResult each : named) {
      assertThat(sources).containsKey(each.group(1));
      assertThat(sources.get(each.group(1))).contains(" " + each.group(2) + "(");
    }
  }

  @Test
  void everyMistakeAndEventIsOneOfTheSimulation() throws IOException {
    List<String> mistakes =
        MISTAKE.matcher(page()).results().map(found -> found.group(1)).distinct().toList();
    assertThat(mistakes)
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(Mutant.values())
                .filter(mutant -> mutant != Mutant.NONE)
                .map(Mutant::name)
                .toList());
    String simulation = String.valueOf(sources().get("ShardSimulationTest"));
    String events = page().substring(page().indexOf("## Interleavings"));
    EVENT
        .matcher(events)
        .results()
        .map(found -> found.group(1))
        .forEach(event -> assertThat(simulation).contains("\"" + event + "\""));
  }

  @Test
  void everyLineSaysHow() throws IOException {
    page()
        .lines()
        .filter(line -> line.startsWith("| "))
        .forEach(line -> {
          String[] cells = line.split("\\|", -1);
          assertThat(cells).as(line).hasSize(4);
          assertThat(cells[1]).as(line).isNotBlank();
          assertThat(cells[2]).as(line).isNotBlank();
        });
  }
}
