package io.rafttsdb.replica.duty;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.command.CommandResult;
import io.rafttsdb.command.LogCommand;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.model.ClusterVersions;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class VersionDutyTest {

  private final Tsdb tsdb = new Tsdb();
  private final Group group = new Group();
  private final VersionDuty duty = new VersionDuty(() -> tsdb, group);
  private long index;

  /** A group that applies what is proposed at once. */
  private final class Group implements Quorum {
    final List<LogCommand> proposed = new ArrayList<>();
    OptionalInt known = OptionalInt.of(ClusterVersions.KNOWN);
    boolean leads = true;

    @Override
    public boolean leads() {
      return leads;
    }

    @Override
    public int voters() {
      return 3;
    }

    @Override
    public List<Map<Ulid, BlockFacts>> reports() {
      return List.of();
    }

    @Override
    public OptionalInt knownVersion() {
      return known;
    }

    @Override
    public CompletableFuture<CommandResult> propose(LogCommand command) {
      proposed.add(command);
      boolean isRaised =
          command instanceof LogCommand.ClusterVersion(int number) && tsdb.raiseTo(number);
      tsdb.publish(++index);
      return CompletableFuture.completedFuture(
          isRaised ? new CommandResult.Done() : new CommandResult.Refused("not the next one"));
    }
  }

  @BeforeEach
  void configure() {
    tsdb.configure(new Settings(Settings.BLOCK_RANGE_DEFAULT_MS, 0));
    tsdb.publish(++index);
  }

  @Test
  void itIsRaisedStepByStepAndNoFurther() throws InterruptedException {
    for (int version = 1; version <= ClusterVersions.KNOWN; version++) {
      assertThat(duty.step()).isTrue();
      assertThat(tsdb.clusterVersion()).isEqualTo(version);
    }
    assertThat(duty.step()).isFalse();
    assertThat(group.proposed).hasSize(ClusterVersions.KNOWN);
  }

  @Test
  void aMemberThatIsSilentOrOldHoldsItBack() throws InterruptedException {
    group.known = OptionalInt.empty();
    assertThat(duty.step()).isFalse();
    group.known = OptionalInt.of(ClusterVersions.NONE);
    assertThat(duty.step()).isFalse();
    assertThat(group.proposed).isEmpty();
  }

  @Test
  void onlyTheLeaderRaisesIt() throws InterruptedException {
    group.leads = false;
    assertThat(duty.step()).isFalse();
    assertThat(group.proposed).isEmpty();
  }

  @Test
  void aStepThatIsNotTheNextIsRefused() {
    assertThat(tsdb.raiseTo(2)).isFalse();
    assertThat(tsdb.raiseTo(0)).isFalse();
    assertThat(tsdb.raiseTo(1)).isTrue();
    assertThat(tsdb.raiseTo(1)).isFalse();
  }
}
