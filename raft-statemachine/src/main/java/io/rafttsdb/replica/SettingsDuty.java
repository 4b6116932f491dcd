package io.rafttsdb.replica;

import io.rafttsdb.command.LogCommand;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.SettingsChange;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Proposes the first settings of a new cluster, in its first shard; {@link SharedSettings} gives
 * them to the others. Later those of the cluster count: a node that is alone takes over what its
 * configuration names, once when it starts; one among others says how its configuration differs.
 * Owned by the duties' thread.
 */
final class SettingsDuty {
  private static final Logger LOG = LoggerFactory.getLogger(SettingsDuty.class);

  private final RaftGate gate;
  private final TsdbStateMachine machine;
  private final Settings first;
  private final SettingsChange configured;
  private final boolean isHome;
  private final AtomicBoolean proposing = new AtomicBoolean();
  private boolean compared;

  SettingsDuty(RaftGate gate, TsdbStateMachine machine, ReplicaConfig config) {
    this.gate = gate;
    this.machine = machine;
    this.first = config.firstSettings();
    this.configured = config.configured();
    this.isHome = config.shard() == 0;
  }

  /**
   * Looks once.
   *
   * @param isCaughtUp whether what was committed at the start is applied
   */
  void look(boolean isCaughtUp) {
    if (!isHome) {
      return;
    }
    Settings present = machine.tsdb().settings();
    if (present == null) {
      propose(first);
    } else if (isCaughtUp && !compared) {
      compared = true;
      compare(present);
    }
  }

  private void compare(Settings present) {
    SettingsChange differing = configured.differingFrom(present);
    if (differing.equals(SettingsChange.NONE)) {
      return;
    }
    if (gate.isAlone()) {
      LOG.info("{} is taken over from this node's configuration", differing);
      compared = propose(differing.over(present));
    } else {
      LOG.warn(
          "this node's configuration names other settings than the cluster has, which count;"
              + " `raft-tsdb settings {}` would change them",
          differing);
    }
  }

  /** Whether it was proposed, as this node leads. */
  private boolean propose(Settings settings) {
    boolean mine =
        gate.division().getInfo().isLeaderReady() && proposing.compareAndSet(false, true);
    if (mine) {
      gate.submit(
          RaftEntry.of(new LogCommand.Configure(settings)),
          failure -> {
            if (failure != null) {
              LOG.warn("the settings were not stored: {}", failure.getMessage());
            }
            proposing.set(false);
          });
    }
    return mine;
  }
}
