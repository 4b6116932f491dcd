package io.rafttsdb.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.node.config.ConfigError;
import io.rafttsdb.node.config.ConfigReader;
import io.rafttsdb.node.config.NodeConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ClusterShapeTest {

  private static final ClusterShape SHAPE = new ClusterShape(7_200_000, 4);

  @TempDir Path directory;

  private NodeConfig config(String text) throws Exception {
    Path file = directory.resolve("node.conf");
    Files.writeString(file, "raft-tsdb { " + text + " }");
    return ConfigReader.read(file, Map.of());
  }

  @Test
  void aNewClusterHasWhatItsConfigurationSaysAndElseOneShard() throws Exception {
    assertThat(ClusterShape.of(config(""))).isEqualTo(new ClusterShape(7_200_000, 1));
    assertThat(ClusterShape.of(config("shards = 4, storage.min-block-duration = 2h")))
        .isEqualTo(SHAPE);
  }

  @Test
  void whatAClusterCameIntoBeingWithStays() throws Exception {
    assertThat(SHAPE.refusal(config(""))).isEmpty();
    assertThat(SHAPE.refusal(config("shards = 4"))).isEmpty();
    assertThat(SHAPE.refusal(config("shards = 2")))
        .isEqualTo(
            "shards is 2, but the cluster came into being with 4, which stays; leave it out or give"
                + " that");
    assertThat(SHAPE.refusal(config("storage.min-block-duration = 1h")))
        .contains("min-block-duration is 1h");
  }

  @Test
  void coordinatorAndMemberAgreeOnAll() {
    assertThat(SHAPE.disagreement(new ClusterShape(7_200_000, 4))).isEmpty();
    assertThat(SHAPE.disagreement(new ClusterShape(7_200_000, 1)))
        .isEqualTo(
            "its configuration has 4 shards, the coordinator's 1; make it equal on every node");
    assertThat(SHAPE.disagreement(new ClusterShape(1000, 4))).contains("min-block-duration");
  }

  @Test
  void numbersThatNoClusterCanHaveAreRefused() {
    for (String shards : new String[] {"0", "17", "many"}) {
      assertThatThrownBy(() -> config("shards = " + shards))
          .isInstanceOf(ConfigError.class)
          .hasMessageContaining("shards");
    }
  }
}
