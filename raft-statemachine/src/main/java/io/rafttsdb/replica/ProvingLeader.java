package io.rafttsdb.replica;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.grpc.server.GrpcLogAppender;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.util.LifeCycle;

/** Ratis's leader of one term, whose followers' answers a proof of leadership sees too. */
record ProvingLeader(LeaderState leader, LeadershipProof proof) implements LeaderState {

  /** What this leader sends to a follower. */
  private static final class Appender extends GrpcLogAppender {
    private final LeadershipProof proof;

    Appender(RaftServer.Division division, ProvingLeader leader, FollowerInfo follower) {
      super(division, leader, follower);
      this.proof = leader.proof;
    }

    @Override
    public CompletableFuture<LifeCycle.State> stopAsync() {
      proof.left(this);
      return super.stopAsync();
    }
  }

  LogAppender appender(RaftServer.Division division, FollowerInfo follower) {
    LogAppender appender = new Appender(division, this, follower);
    proof.joined(leader, appender);
    return appender;
  }

  @Override
  public void onAppendEntriesReply(LogAppender appender, AppendEntriesReplyProto reply) {
    leader.onAppendEntriesReply(appender, reply);
    proof.answered(appender, reply);
  }

  @Override
  public void restart(LogAppender appender) {
    leader.restart(appender);
  }

  @Override
  public AppendEntriesRequestProto newAppendEntriesRequestProto(
      FollowerInfo follower, List<LogEntryProto> entries, TermIndex previous, long callId) {
    return leader.newAppendEntriesRequestProto(follower, entries, previous, callId);
  }

  @Override
  public void checkHealth(FollowerInfo follower) {
    leader.checkHealth(follower);
  }

  @Override
  public boolean onFollowerTerm(FollowerInfo follower, long followerTerm) {
    return leader.onFollowerTerm(follower, followerTerm);
  }

  @Override
  public void onFollowerCommitIndex(FollowerInfo follower, long commitIndex) {
    leader.onFollowerCommitIndex(follower, commitIndex);
  }

  @Override
  public void onFollowerSuccessAppendEntries(FollowerInfo follower) {
    leader.onFollowerSuccessAppendEntries(follower);
  }

  @Override
  public boolean isFollowerBootstrapping(FollowerInfo follower) {
    return leader.isFollowerBootstrapping(follower);
  }
}
