package io.rafttsdb.replica.duty;

import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.ManifestPart;
import io.rafttsdb.storage.model.CorruptFile;
import io.rafttsdb.storage.model.Ulid;
import io.rafttsdb.storage.part.PartBuilder;
import io.rafttsdb.storage.part.PartStore;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the certified blocks of this node again and again, and compares them with what the majority
 * found, so that what rots on a disk is known before it is asked for. A block that is not as it was
 * is set aside; the {@link BlockKeeper} gets it again. For one thread, but for the counts.
 */
public final class BlockScrubber {

  private static final Logger LOG = LoggerFactory.getLogger(BlockScrubber.class);

  private final Supplier<Tsdb> engine;
  private final PartStore store;
  private final PartBuilder reader;
  private final BlockKeeper keeper;

  private @Nullable Ulid last;
  private final LongAdder scrubbed = new LongAdder();
  private final LongAdder rounds = new LongAdder();

  /**
   * A scrubber for one shard.
   *
   * @param reader reads at the scrubber's own rate
   */
  public BlockScrubber(
      Supplier<Tsdb> engine, PartStore store, PartBuilder reader, BlockKeeper keeper) {
    this.engine = engine;
    this.store = store;
    this.reader = reader;
    this.keeper = keeper;
  }

  /**
   * Reads the next block.
   *
   * @return whether there was one; if not, all were read, and the next call begins anew
   */
  public boolean step() throws InterruptedException {
    Optional<ManifestPart> next =
        engine.get().manifest().parts().stream()
            .filter(part -> part.isBuilt() && store.has(part.ulid()))
            .filter(part -> last == null || part.ulid().compareTo(last) > 0)
            .min(Comparator.comparing(ManifestPart::ulid));
    last = next.map(ManifestPart::ulid).orElse(null);
    BlockFacts certified = next.map(ManifestPart::facts).orElse(null);
    if (last == null || certified == null) {
      rounds.increment();
      return false;
    }
    scrub(last, certified);
    return true;
  }

  private void scrub(Ulid ulid, BlockFacts certified) throws InterruptedException {
    try {
      BlockFacts found = reader.factsOf(ulid);
      scrubbed.increment();
      if (!found.equals(certified)) {
        keeper.setAsideDiffering(ulid, found, certified);
      }
    } catch (ClosedByInterruptException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedException("while block " + ulid + " was read");
    } catch (CorruptFile e) {
      LOG.error("block {} is damaged", ulid, e);
      keeper.setAsideDamaged(e);
    } catch (IOException e) {
      if (store.has(ulid)) {
        LOG.error("block {} can't be read", ulid, e);
      }
    }
  }

  /** Blocks read since the start. */
  public long scrubbedBlocks() {
    return scrubbed.sum();
  }

  /** How often all blocks were read since the start. */
  public long rounds() {
    return rounds.sum();
  }
}
