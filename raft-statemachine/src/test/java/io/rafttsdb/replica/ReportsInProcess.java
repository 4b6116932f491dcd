package io.rafttsdb.replica;

import io.rafttsdb.replica.check.CheckReport;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.util.Map;

/** Asks replicas of this process, without a network. */
class ReportsInProcess implements PeerReports {

  /** Finds a replica. */
  @FunctionalInterface
  interface Replicas {
    ShardReplica of(Member member) throws IOException;
  }

  private final Replicas replicas;

  ReportsInProcess(Replicas replicas) {
    this.replicas = replicas;
  }

  @Override
  public Map<Ulid, BlockFacts> builtBlocks(Member peer) throws IOException {
    return replicas.of(peer).builtBlocks();
  }

  @Override
  public CheckReport checkReport(Member peer) throws IOException {
    return replicas.of(peer).checkReport();
  }
}
