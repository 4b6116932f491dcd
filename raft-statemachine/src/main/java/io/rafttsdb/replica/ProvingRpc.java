package io.rafttsdb.replica;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.grpc.GrpcFactory;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.rpc.RpcFactory;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;

/** Ratis over gRPC, with a {@link LeadershipProof} for each group. Ratis makes it by its name. */
public final class ProvingRpc implements RpcType {
  private static final String PROOFS = "rafttsdb.leadership.proofs";

  /** The proofs of a server's groups. */
  static final class Proofs {
    private final Duration lease;
    private final Map<RaftGroupId, LeadershipProof> groups = new ConcurrentHashMap<>();

    /**
     * @param lease of each; zero: none
     */
    Proofs(Duration lease) {
      this.lease = lease;
    }

    /** The proofs of this server. */
    static Proofs of(RaftServer server) {
      return ((Factory) server.getFactory()).proofs;
    }

    LeadershipProof of(RaftGroupId group) {
      return groups.computeIfAbsent(group, each -> new LeadershipProof(lease));
    }

    void putInto(Parameters parameters) {
      parameters.put(PROOFS, this, Proofs.class);
    }
  }

  private static final class Factory extends GrpcFactory {
    final Proofs proofs;

    Factory(Parameters parameters) {
      super(parameters);
      this.proofs = parameters.getNonNull(PROOFS, Proofs.class);
    }

    @Override
    public LogAppender newLogAppender(
        RaftServer.Division division, LeaderState state, FollowerInfo follower) {
      LeadershipProof proof = proofs.of(division.getGroup().getGroupId());
      return new ProvingLeader(state, proof).appender(division, follower);
    }
  }

  @Override
  public String name() {
    return getClass().getName();
  }

  @Override
  public RpcFactory newFactory(Parameters parameters) {
    return new Factory(parameters);
  }
}
