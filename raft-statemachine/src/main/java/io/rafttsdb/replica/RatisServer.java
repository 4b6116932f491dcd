package io.rafttsdb.replica;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.GroupManagementRequest;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.StateMachine;
import org.apache.ratis.util.ExitUtils;

/** Starts the Ratis server of this process, and groups in it. */
final class RatisServer {

  private RatisServer() {}

  /**
   * A server that listens and has no group yet. Ratis, when it is made, would add each group that
   * it finds on the disk, without its members; so the directory that it is given then has none.
   *
   * @param config of any shard; what concerns the server is the same in all
   * @param machines by group, for {@link #addGroup}
   * @param gate to be opened when all groups run
   */
  static RaftServer start(
      ReplicaConfig config, Function<RaftGroupId, ? extends StateMachine> machines, StartGate gate)
      throws IOException {
    keepProcess();
    Parameters parameters = new Parameters();
    ProvingRpc.Proofs proofs =
        new ProvingRpc.Proofs(config.leaderLease() ? config.limits().leaseMax() : Duration.ZERO);
    proofs.putInto(parameters);
    IncarnationGuard incarnation = new IncarnationGuard(config.self().peerId());
    ReadIndexGuard reads = new ReadIndexGuard(proofs);
    GrpcConfigKeys.Server.setServicesCustomizer( // what is added last sees a call first
        parameters,
        (builder, types) -> incarnation.customize(builder.intercept(reads), types).intercept(gate));
    RaftServer server =
        RaftServer.newBuilder()
            .setServerId(config.self().peerId())
            .setStateMachineRegistry(machines::apply)
            .setProperties(RatisProperties.of(config, config.directory()))
            .setParameters(parameters)
            .setOption(RaftStorage.StartupOption.RECOVER)
            .build();
    try {
      server.start();
      return server;
    } catch (ExitUtils.ExitException e) {
      server.close();
      throw new IOException(
          "can't listen on " + config.listenAddress() + " for the other members", e);
    } catch (IOException | RuntimeException | Error e) {
      server.close();
      throw e;
    }
  }

  /**
   * Ratis ends the process when its port is taken, and on any uncaught exception of any thread.
   * Here the first is an exception, and the second is not its business.
   */
  private static void keepProcess() {
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    ExitUtils.disableSystemExit();
    Thread.setDefaultUncaughtExceptionHandler(before);
  }

  /**
   * Starts a shard's group, new or recovered, in the shard's own directory: Ratis reads where to
   * put a group when it starts it, so groups are added one after the other.
   */
  static void addGroup(RaftServer server, PreparedShard shard) throws IOException {
    RaftServerConfigKeys.setStorageDir(
        server.getProperties(),
        List.of(ReplicaDirectory.raft(shard.config().directory()).toFile()));
    try {
      RaftClientReply reply =
          server
              .groupManagementAsync(
                  GroupManagementRequest.newAdd(
                      ClientId.randomId(), server.getId(), 1, shard.group(), false))
              .get();
      if (!reply.isSuccess()) {
        throw new IOException(
            "can't start the Raft group " + shard.groupId(), reply.getException());
      }
    } catch (ExecutionException e) {
      throw new IOException("can't start the Raft group " + shard.groupId(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException interrupted = new InterruptedIOException("interrupted in the start");
      interrupted.initCause(e);
      throw interrupted;
    }
  }
}
