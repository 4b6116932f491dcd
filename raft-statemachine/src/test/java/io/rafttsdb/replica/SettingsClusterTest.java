package io.rafttsdb.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.rafttsdb.command.CommandResult;
import io.rafttsdb.storage.model.ClusterVersions;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.SettingsChange;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Settings and the cluster version as entries of the log. */
class SettingsClusterTest {
  private static final Duration TURNS_OF_THE_DUTIES = Duration.ofSeconds(1);
  private static final SettingsChange FIVE_DAYS = retention(5);
  private static final SettingsChange THREE_DAYS = retention(3);

  @TempDir private Path root;
  private TestCluster cluster;

  private static SettingsChange retention(int days) {
    return new SettingsChange(null, Duration.ofDays(days).toMillis(), null, null);
  }

  @BeforeEach
  void three() throws Exception {
    cluster = new TestCluster(root, 3);
  }

  private void startOne() throws Exception {
    cluster = new TestCluster(root, 1);
    start();
  }

  private void start() throws Exception {
    cluster.startAll().awaitReady();
  }

  private void restart() throws Exception {
    for (int i = 0; i < cluster.members.size(); i++) {
      cluster.stop(i);
    }
    cluster.startAll().awaitReady();
  }

  private void change(SettingsChange change) throws Exception {
    CommandResult result =
        cluster.leader().configure(change).get(TestCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(result).isEqualTo(new CommandResult.Done());
  }

  private void awaitSettings(Settings expected) {
    await()
        .atMost(TestCluster.PATIENCE)
        .untilAsserted(() -> {
          for (ShardReplica replica : cluster.running()) {
            assertThat(replica.storage().settings()).isEqualTo(expected);
          }
        });
  }

  private void assertStays(Settings expected) {
    await()
        .atMost(TestCluster.PATIENCE)
        .during(TURNS_OF_THE_DUTIES)
        .untilAsserted(() -> {
          for (ShardReplica replica : cluster.running()) {
            assertThat(replica.storage().settings()).isEqualTo(expected);
          }
        });
  }

  @Test
  void aChangeRulesEverywhereWhateverANodeIsConfiguredWith() throws Exception {
    start();
    change(THREE_DAYS);
    Settings changed = THREE_DAYS.over(TestCluster.SETTINGS);
    awaitSettings(changed);
    cluster.configured = FIVE_DAYS;
    restart();
    assertStays(changed);
    change(new SettingsChange(60_000L, null, 1L << 30, 3));
    awaitSettings(new Settings(changed.blockRangeMs(), 60_000, changed.retentionMs(), 1L << 30, 3));
    cluster.assertEqualStates();
  }

  @Test
  void aLoneNodeTakesItsConfigurationOverWhenItStarts() throws Exception {
    startOne();
    cluster.configured = FIVE_DAYS;
    restart();
    awaitSettings(FIVE_DAYS.over(TestCluster.SETTINGS));
    change(THREE_DAYS);
    assertStays(THREE_DAYS.over(TestCluster.SETTINGS));
    cluster.configured = SettingsChange.NONE;
    restart();
    assertStays(THREE_DAYS.over(TestCluster.SETTINGS));
  }

  @Test
  void aValueThatIsNotPossibleChangesNothing() throws Exception {
    startOne();
    assertThatThrownBy(() -> cluster.leader().configure(new SettingsChange(null, 0L, null, null)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected both above 0");
    change(THREE_DAYS); // nothing is left under way
    awaitSettings(THREE_DAYS.over(TestCluster.SETTINGS));
  }

  @Test
  void theVersionIsRaisedOnceAllMembersKnowItAndStays() throws Exception {
    start();
    assertThat(cluster.leader().storage().clusterVersion()).isEqualTo(ClusterVersions.NONE);
    cluster.knownVersion = ClusterVersions.KNOWN;
    await()
        .atMost(TestCluster.PATIENCE)
        .untilAsserted(() -> {
          for (ShardReplica replica : cluster.running()) {
            assertThat(replica.storage().clusterVersion()).isEqualTo(ClusterVersions.KNOWN);
          }
        });
    cluster.assertEqualStates();
    restart();
    for (ShardReplica replica : cluster.running()) {
      assertThat(replica.storage().clusterVersion()).isEqualTo(ClusterVersions.KNOWN);
    }
  }

  @AfterEach
  void close() throws Exception {
    cluster.close();
    assertThat(cluster.failures).isEmpty();
  }
}
