package io.rafttsdb.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.model.Labels;
import org.junit.jupiter.api.Test;

/** The values are of docs/format/routing.md and never change: series stay where they are. */
class ShardRoutingTest {
  private static final Labels UP = Labels.of("__name__", "up");
  private static final Labels UP_OF_NODE =
      Labels.of("__name__", "up", "instance", "a:9090", "job", "node");

  private static long hash(byte[] canonical) {
    return ShardRouting.finish(
        ShardRouting.add(ShardRouting.begin(), canonical, 0, canonical.length));
  }

  @Test
  void hashesAreTheDocumentedOnes() {
    assertThat(hash(new byte[0])).isEqualTo(0xefd01f60ba992926L);
    assertThat(hash(UP.canonical())).isEqualTo(0xf05f4a520186e08dL);
    assertThat(hash(UP_OF_NODE.canonical())).isEqualTo(0x16fa9cc35bf31b3dL);
  }

  @Test
  void shardsAreTheDocumentedOnes() {
    assertThat(ShardRouting.shardOf(UP, 1)).isZero();
    assertThat(ShardRouting.shardOf(UP, 4)).isEqualTo(3);
    assertThat(ShardRouting.shardOf(UP, 16)).isEqualTo(15);
    assertThat(ShardRouting.shardOf(UP_OF_NODE, 2)).isZero();
    assertThat(ShardRouting.shardOf(UP_OF_NODE, 16)).isEqualTo(1);
  }

  @Test
  void seriesThatDifferInANumberSpreadEvenly() {
    int[] counts = new int[4];
    for (int i = 0; i < 40_000; i++) {
      counts[ShardRouting.shardOf(Labels.of("__name__", "m", "i", Integer.toString(i)), 4)]++;
    }
    assertThat(counts).containsExactly(9857, 9997, 10132, 10014);
  }
}
