package io.rafttsdb.node.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.ChunksHead;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.Settings;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What reads answer that meet damage on this node, or an engine that was just replaced. */
class UnreadableTest {
  private static final long RANGE_MS = Settings.BLOCK_RANGE_DEFAULT_MS;
  private static final String[] QUERY = {"query=sum(count_over_time(m[90m]))", "time=1700000000"};

  @TempDir private Path directory;

  private Tsdb engine(String name) throws IOException {
    Path chunks = directory.resolve(name);
    Tsdb tsdb = Tsdb.empty(new ChunksHead(chunks, Runnable::run));
    tsdb.configure(new Settings(RANGE_MS, 0));
    SampleBatch.Builder batch = new SampleBatch.Builder().series(Labels.of("__name__", "m"));
    for (int i = 0; i < 300; i++) {
      batch.sample(ReadServer.NOW_MS - 15_000L * (299 - i), Double.doubleToRawLongBits(i));
    }
    tsdb.append(batch.build());
    tsdb.publish(1);
    return tsdb;
  }

  private static ReadGate gate(Supplier<Tsdb> engines) {
    return (demand, timeout) ->
        new OpenedRead(Storages.of(engines.get()), demand.consistency(), 1_000, null);
  }

  @Test
  void aQueryOnAReplacedEngineIsAnsweredByTheNext() throws Exception {
    Tsdb old = engine("old");
    old.close();
    try (Tsdb present = engine("present")) {
      Deque<Tsdb> engines = new ArrayDeque<>(List.of(old, old, present));
      try (ReadServer server = new ReadServer(gate(engines::removeFirst))) {
        HttpResponse<String> response = server.get("query", QUERY);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).contains("\"300\"");
        assertThat(engines).isEmpty();
      }
    }
  }

  @Test
  void anEngineThatStaysClosedIsUnavailable() throws Exception {
    Tsdb closed = engine("closed");
    closed.close();
    try (ReadServer server = new ReadServer(gate(() -> closed))) {
      HttpResponse<String> response = server.get("query", QUERY);
      assertThat(response.statusCode()).isEqualTo(503);
      assertThat(response.body()).contains("unavailable").contains("replaced");
    }
  }

  @Test
  void damagedChunksOfTheHeadAreUnavailable() throws Exception {
    try (Tsdb tsdb = engine("damaged");
        ReadServer server = new ReadServer(gate(() -> tsdb))) {
      assertThat(tsdb.spill()).isPositive();
      assertThat(server.get("query", QUERY).body()).contains("\"300\"");
      try (Stream<Path> files = Files.walk(directory.resolve("damaged"))) {
        Path file = files.filter(Files::isRegularFile).findFirst().orElseThrow();
        Files.write(file, new byte[(int) Files.size(file)], StandardOpenOption.WRITE);
      }
      HttpResponse<String> response = server.get("query", QUERY);
      assertThat(response.statusCode()).isEqualTo(503);
      assertThat(response.body()).contains("unavailable").contains("another node can answer");
    }
  }
}
