package io.rafttsdb.replica.duty;

import io.rafttsdb.command.CommandResult;
import io.rafttsdb.command.LogCommand;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.model.ClusterVersions;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Raises the cluster version, one step at a time, as soon as every member knows the next one. Only
 * the leader's does anything. For one thread.
 */
public final class VersionDuty {

  private static final Logger LOG = LoggerFactory.getLogger(VersionDuty.class);

  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);

  private final Supplier<Tsdb> engine;
  private final Quorum quorum;

  public VersionDuty(Supplier<Tsdb> engine, Quorum quorum) {
    this.engine = engine;
    this.quorum = quorum;
  }

  /**
   * Looks once.
   *
   * @return whether the version was raised, and perhaps may be once more
   */
  public boolean step() throws InterruptedException {
    Tsdb tsdb = engine.get();
    int next = tsdb.clusterVersion() + 1;
    if (next > ClusterVersions.KNOWN || tsdb.settings() == null || !quorum.leads()) {
      return false;
    }
    OptionalInt known = quorum.knownVersion();
    if (known.isEmpty() || known.getAsInt() < next) {
      return false;
    }
    try {
      CommandResult result =
          quorum
              .propose(new LogCommand.ClusterVersion(next))
              .get(ANSWER_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      return result instanceof CommandResult.Done;
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("the cluster version was not raised to {}, and will be tried again", next, e);
      return false;
    }
  }
}
