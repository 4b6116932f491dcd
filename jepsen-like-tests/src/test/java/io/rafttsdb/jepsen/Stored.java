package io.rafttsdb.jepsen;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.client.Consistency;
import io.rafttsdb.client.Matcher;
import io.rafttsdb.client.RaftTsdbClient;
import io.rafttsdb.client.RawSamples;
import io.rafttsdb.client.ReadOptions;
import io.rafttsdb.client.ReadQuery;
import io.rafttsdb.client.TimeSeries;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;

/** Reads back what nodes hold, bit for bit. */
final class Stored {

  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final int VIOLATIONS_SHOWN = 20;

  private Stored() {}

  /** Every sample of a node whose metric name matches a regular expression. */
  static RawSamples read(NodeProcess node, String metrics, Consistency consistency)
      throws Exception {
    try (RaftTsdbClient client = node.onlyClient()) {
      return read(client, metrics, consistency);
    }
  }

  static RawSamples read(RaftTsdbClient client, String metrics, Consistency consistency)
      throws Exception {
    return client.remoteRead(
        new ReadQuery(
            0, Long.MAX_VALUE / 2, List.of(Matcher.regex(TimeSeries.METRIC_NAME, metrics))),
        new ReadOptions(consistency, DEADLINE));
  }

  /**
   * Every node must have what the ledger says: at once by linearizable reads; in its own state as
   * soon as it has applied what the linearizable read saw.
   */
  static void assertHolds(List<NodeProcess> nodes, Ledger ledger) throws Exception {
    for (NodeProcess node : nodes) {
      RawSamples linearizable = read(node, ".+", Consistency.LINEARIZABLE);
      assertNone(node, "linearizable", ledger.violations(linearizable.series()));
      Awaitility.await(node.name() + " has applied " + linearizable.indexes())
          .atMost(DEADLINE)
          .until(() ->
              haveReached(read(node, "none", Consistency.STALE).indexes(), linearizable.indexes()));
      RawSamples own = read(node, ".+", Consistency.STALE);
      assertNone(node, "its own state", ledger.violations(own.series()));
    }
  }

  private static boolean haveReached(List<Long> applied, List<Long> seen) {
    assertThat(applied).hasSameSizeAs(seen).isNotEmpty();
    return IntStream.range(0, seen.size()).allMatch(i -> applied.get(i) >= seen.get(i));
  }

  private static void assertNone(NodeProcess node, String read, List<String> violations) {
    assertThat(violations.stream().limit(VIOLATIONS_SHOWN))
        .as("%d violations on %s by %s", violations.size(), node.name(), read)
        .isEmpty();
  }
}
