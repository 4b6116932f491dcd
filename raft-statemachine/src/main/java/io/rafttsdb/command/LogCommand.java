package io.rafttsdb.command;

import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.model.ClusterVersions;
import io.rafttsdb.storage.model.Matcher;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.SealedRange;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
import java.util.List;

/** What one log entry asks of every replica. */
public sealed interface LogCommand {

  /**
   * Write requests in order of arrival. Each is applied as though it had an entry of its own, so
   * joining never changes a result.
   */
  record Append(List<SampleBatch> batches) implements LogCommand {
    public Append {
      batches = List.copyOf(batches);
    }
  }

  /** Sets the replicated settings; an engine accepts the first ones and compatible later ones. */
  record Configure(Settings settings) implements LogCommand {}

  /**
   * Seals what the Head has before a time.
   *
   * @param upToMs end of the sealed part, exclusive
   * @param ulid the part's name, and its block's
   */
  record CutHead(long upToMs, Ulid ulid) implements LogCommand {}

  /**
   * Seals what came out of order for some block ranges.
   *
   * @param ranges of samples out of order, ascending
   */
  record CutOutOfOrder(List<SealedRange> ranges) implements LogCommand {
    public CutOutOfOrder {
      ranges = List.copyOf(ranges);
      for (SealedRange range : ranges) {
        if (range.kind() != SealedRange.Kind.OUT_OF_ORDER) {
          throw new IllegalArgumentException(range + " is not one of samples out of order");
        }
      }
    }
  }

  /** A majority of the voters has built a block and found these facts. */
  record BlockBuilt(Ulid ulid, BlockFacts facts) implements LogCommand {}

  /**
   * Orders a compaction.
   *
   * @param result name of the block to build
   * @param sources in the manifest's order
   */
  record Compact(Ulid result, List<Ulid> sources) implements LogCommand {
    public Compact {
      sources = List.copyOf(sources);
    }
  }

  /** Takes blocks out of the manifest. */
  record DropBlocks(List<Ulid> ulids) implements LogCommand {
    public DropBlocks {
      ulids = List.copyOf(ulids);
    }
  }

  /**
   * Deletes the samples in [minMs, maxMs] of the series that fulfil all matchers.
   *
   * @param matchers at least one
   * @param maxMs inclusive
   */
  record Delete(List<Matcher> matchers, long minMs, long maxMs) implements LogCommand {
    public Delete {
      matchers = List.copyOf(matchers);
      if (matchers.isEmpty() || minMs > maxMs) {
        throw new IllegalArgumentException(
            "delete of [" + minMs + ", " + maxMs + "] with " + matchers.size() + " matchers");
      }
    }
  }

  /**
   * Raises the cluster version: every member knows it.
   *
   * @param version one more than the present one
   */
  record ClusterVersion(int version) implements LogCommand {
    public ClusterVersion {
      if (version < 1 || version > ClusterVersions.KNOWN) {
        throw new IllegalArgumentException(
            "cluster version " + version + ", expected 1 to " + ClusterVersions.KNOWN);
      }
    }
  }

  /**
   * Marks a place in the log at which every replica has the same state. Changes nothing; who waits
   * for it on a node, or compares the replicas, freezes what that node has right after it.
   *
   * @param name by which a party knows the entry that it asked for
   */
  record Freeze(Ulid name) implements LogCommand {}

  /**
   * Enters a block of another storage, which a majority has on disk.
   *
   * @param minMs start of its range
   * @param endMs end of its range, exclusive
   */
  record ImportBlock(Ulid ulid, long minMs, long endMs, BlockFacts facts) implements LogCommand {
    public ImportBlock {
      if (minMs >= endMs) {
        throw new IllegalArgumentException("block " + ulid + " from " + minMs + " to " + endMs);
      }
    }
  }

  /**
   * Makes an engine without a past ready for the blocks of a backup.
   *
   * @param upToMs end of the backup, exclusive
   * @param newestMs its newest sample
   */
  record Restore(long upToMs, long newestMs) implements LogCommand {}

  /**
   * Bytes of a known kind that can't be decoded. A value and not an exception: every replica sees
   * the same bytes, changes nothing, and goes on.
   */
  record Malformed(String reason) implements LogCommand {}
}
