package io.rafttsdb.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.replica.ReplicaConfig.FirstRole;
import io.rafttsdb.replica.disk.StartRefused;
import io.rafttsdb.replica.duty.BlockPolicy;
import io.rafttsdb.replica.duty.BytePace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.statemachine.TransactionContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Ratis gets when it asks for what this state machine does not offer. */
class TsdbStateMachineTest {
  @TempDir private Path root;
  private ReplicaDirectory directory;
  private TsdbStateMachine machine;

  @BeforeEach
  void open() throws IOException, StartRefused {
    Member self = new Member("node1", "a", "127.0.0.1:1", "127.0.0.1:2");
    ReplicaConfig config =
        new ReplicaConfig(
            new UUID(1, 2),
            self,
            self.raftAddress(),
            List.of(self),
            root,
            TestCluster.SETTINGS,
            BlockPolicy.DEFAULT,
            ReplicaLimits.DEFAULT,
            FirstRole.VOTER);
    directory = ReplicaDirectory.open(config);
    PeersInProcess nobody =
        new PeersInProcess(member -> {
          throw new IOException("nobody is there");
        });
    ReplicaFiles files = ReplicaFiles.of(config, directory, nobody);
    FatalOnce fatal =
        new FatalOnce((reason, cause) -> {
          throw new AssertionError(reason, cause);
        });
    machine =
        new TsdbStateMachine(
            directory.state(),
            new CommandApplier(),
            new SnapshotTaker(
                config, directory.snapshots(), files.writer(), directory.store(), fatal),
            new SnapshotInstaller(config, files.pull(), List::of, fatal),
            new RatisSnapshots(directory.snapshots()),
            new Freezes(new StateHashes(), directory.store(), new BytePace(Long.MAX_VALUE)),
            fatal,
            () -> {});
  }

  @AfterEach
  void close() throws IOException {
    directory.close();
  }

  /** Each answer is there at once, and none waits for an index. */
  @Test
  void ratisIsAskedForNoAnswers() {
    assertThat(machine.query(Message.EMPTY)).isCompletedExceptionally();
    assertThat(machine.queryStale(Message.EMPTY, Long.MAX_VALUE)).isCompletedExceptionally();
  }

  /** As a value, by which no leader is deposed. */
  @Test
  void entriesOfClientsAreRefused() {
    RaftClientRequest request =
        RaftClientRequest.newBuilder()
            .setClientId(ClientId.randomId())
            .setServerId(RaftPeerId.valueOf("node1-a"))
            .setGroupId(RaftGroupId.valueOf(new UUID(1, 2)))
            .setCallId(1)
            .setMessage(Message.valueOf("bytes"))
            .setType(RaftClientRequest.writeRequestType())
            .build();
    TransactionContext context = machine.startTransaction(request);
    assertThat(context.getException()).hasMessageContaining("come from this process alone");
    assertThat(machine.preAppendTransaction(context)).isSameAs(context);
  }
}
