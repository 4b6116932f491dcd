package io.rafttsdb.promql;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Runs every script in src/test/resources/promql. */
class ScriptTest {

  @TestFactory
  List<DynamicTest> scripts() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("src/test/resources/promql"))) {
      return files.sorted().map(ScriptTest::test).toList();
    }
  }

  private static DynamicTest test(Path file) {
    return DynamicTest.dynamicTest(
        file.getFileName().toString(),
        () -> {
          int evaluations = new Script(file.getFileName().toString(), Files.readString(file)).run();
          assertThat(evaluations).as("queries in %s", file).isPositive();
        });
  }
}
