package io.rafttsdb.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.replica.ReplicaConfig.FirstRole;
import io.rafttsdb.replica.duty.BlockPolicy;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.RaftServerConfigKeys.Log;
import org.junit.jupiter.api.Test;

/** The settings of Ratis on which promises rest, against another default of a later version. */
class RatisPropertiesTest {
  private final RaftProperties properties = RatisProperties.of(config(), Path.of("raft"));

  private static ReplicaConfig config() {
    Member self = new Member("node1", "a", "127.0.0.1:1", "127.0.0.1:2");
    return new ReplicaConfig(
        new UUID(1, 2),
        self,
        self.raftAddress(),
        List.of(self),
        Path.of("node1"),
        TestCluster.SETTINGS,
        BlockPolicy.DEFAULT,
        ReplicaLimits.DEFAULT,
        FirstRole.VOTER);
  }

  @Test
  void noEntryIsTooLongForWhatCarriesIt() {
    long limit = Log.Appender.bufferByteLimit(properties).getSize();
    assertThat((long) RatisProperties.PAYLOAD_BYTES_MAX).isLessThan(limit);
    assertThat(Log.writeBufferSize(properties).getSize()).isGreaterThanOrEqualTo(limit + 8);
    assertThat(GrpcConfigKeys.messageSizeMax(properties, text -> {}).getSize())
        .isGreaterThan(limit);
  }

  @Test
  void theLogIsPurgedUpToTheSnapshotAndInstallsAreNotified() {
    assertThat(Log.purgeUptoSnapshotIndex(properties)).isTrue();
    assertThat(Log.Appender.installSnapshotEnabled(properties)).isFalse();
    assertThat(RaftServerConfigKeys.Snapshot.creationGap(properties)).isEqualTo(1);
  }

  @Test
  void damageAndForcingAreStrict() {
    assertThat(Log.corruptionPolicy(properties)).isEqualTo(Log.CorruptionPolicy.EXCEPTION);
    assertThat(Log.unsafeFlushEnabled(properties)).isFalse();
    assertThat(Log.asyncFlushEnabled(properties)).isFalse();
  }

  @Test
  void entriesHaveNoShadowsAndRepliesAreNotKept() {
    assertThat(Log.logMetadataEnabled(properties)).isFalse();
    assertThat(Log.segmentCacheNumMax(properties)).isEqualTo(1);
    assertThat(RaftServerConfigKeys.RetryCache.expiryTime(properties).toLong(TimeUnit.MILLISECONDS))
        .isEqualTo(1000);
  }

  @Test
  void readsTrustNoClock() {
    assertThat(RaftServerConfigKeys.Read.option(properties))
        .isEqualTo(RaftServerConfigKeys.Read.Option.LINEARIZABLE);
    assertThat(RaftServerConfigKeys.Read.leaderLeaseEnabled(properties)).isFalse();
    // LeadershipProof stands for it.
    assertThat(RaftServerConfigKeys.Read.leaderHeartbeatCheckEnabled(properties)).isFalse();
    assertThat(RaftConfigKeys.Rpc.type(properties, text -> {}).getClass())
        .isEqualTo(ProvingRpc.class);
  }
}
