package io.rafttsdb.replica.duty;

import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.block.Block;
import io.rafttsdb.storage.file.UsedAfterClose;
import io.rafttsdb.storage.head.SealedPart;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.Manifest;
import io.rafttsdb.storage.manifest.ManifestPart;
import io.rafttsdb.storage.manifest.ManifestPart.Parent;
import io.rafttsdb.storage.manifest.OrderedCompaction;
import io.rafttsdb.storage.model.CorruptFile;
import io.rafttsdb.storage.model.MissingBlock;
import io.rafttsdb.storage.model.Ulid;
import io.rafttsdb.storage.part.PartBuilder;
import io.rafttsdb.storage.part.PartStore;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings this node's blocks to what the manifest names: builds what is ordered, checks it, lets the
 * sealed parts in memory go once their blocks are certified and here, fetches what can't be built,
 * and sets aside what differs from what the majority found. None of that changes an answer.
 *
 * <p>Stateless in the sense that counts: a node that starts again finds out by itself what is to be
 * done. For one thread, but where it is said.
 */
public final class BlockKeeper {

  private static final Logger LOG = LoggerFactory.getLogger(BlockKeeper.class);

  /** After a failure a block is left alone for so long. */
  static final Duration RETRY = Duration.ofSeconds(30);

  private final Supplier<Tsdb> engine;
  private final PartStore store;
  private final PartBuilder builder;
  private final BlockFetcher fetcher;
  private final LongSupplier nanoTime;
  private final BlockCounts counts = new BlockCounts();

  /** What this node found of the blocks that it built or checked, also of those without files. */
  private final Map<Ulid, BlockFacts> known = new ConcurrentHashMap<>();

  /**
   * Blocks that this node would build with other bytes than the majority, or not at all since what
   * they are built from is damaged: it fetches them.
   */
  private final Set<Ulid> unbuildable = ConcurrentHashMap.newKeySet();

  private final Map<Ulid, Long> retryAtNanos = new HashMap<>();

  /** The engine whose parts were asked to go. */
  private @Nullable Tsdb lastEngine;

  private final Set<Ulid> forgotten = new HashSet<>();

  /**
   * A keeper for one shard.
   *
   * @param engine the present one; another after a snapshot was received
   * @param nanoTime for {@link #RETRY}
   */
  public BlockKeeper(
      Supplier<Tsdb> engine,
      PartStore store,
      PartBuilder builder,
      BlockFetcher fetcher,
      LongSupplier nanoTime) {
    this.engine = engine;
    this.store = store;
    this.builder = builder;
    this.fetcher = fetcher;
    this.nanoTime = nanoTime;
  }

  /** What this node found of the blocks that its manifest waits for. On any thread. */
  public Map<Ulid, BlockFacts> pendingFacts() {
    Map<Ulid, BlockFacts> pending = new HashMap<>();
    for (Ulid ulid : BlockVotes.pending(engine.get().manifest())) {
      BlockFacts facts = known.get(ulid);
      if (facts != null) {
        pending.put(ulid, facts);
      }
    }
    return Map.copyOf(pending);
  }

  public BlockCounts counts() {
    return counts;
  }

  /**
   * Does one thing that is to be done.
   *
   * @return whether there was one
   * @throws InterruptedException where the work was ended; it leaves nothing half done behind
   */
  public boolean step() throws InterruptedException {
    Tsdb tsdb = engine.get();
    if (tsdb != lastEngine) {
      lastEngine = tsdb;
      forgotten.clear();
    }
    Manifest manifest = tsdb.manifest();
    for (ManifestPart part : manifest.parts()) {
      if (isDue(part.ulid()) && tend(tsdb, part)) {
        return true;
      }
    }
    for (OrderedCompaction ordered : manifest.compactions()) {
      if (isDue(ordered.result()) && tend(manifest, ordered)) {
        return true;
      }
    }
    forgetOthers(manifest);
    return false;
  }

  private boolean isDue(Ulid ulid) {
    Long atNanos = retryAtNanos.get(ulid);
    return atNanos == null || nanoTime.getAsLong() - atNanos >= 0;
  }

  private boolean tend(Tsdb tsdb, ManifestPart part) throws InterruptedException {
    Ulid ulid = part.ulid();
    BlockFacts found = known.get(ulid);
    if (store.has(ulid) && found == null) {
      return isWanted(tsdb, part) && attempt(ulid, () -> check(ulid));
    }
    BlockFacts certified = part.facts();
    if (found == null || (certified != null && !store.has(ulid))) {
      return attempt(ulid, () -> make(tsdb, part));
    }
    if (certified == null) {
      return false;
    }
    if (!found.equals(certified)) {
      return attempt(ulid, () -> setAsideDiffering(ulid, found, certified));
    }
    forget(tsdb, ulid);
    part.parents().forEach(parent -> forget(tsdb, parent.ulid()));
    return false;
  }

  private void forget(Tsdb tsdb, Ulid ulid) {
    if (sealed(tsdb, ulid).isPresent() && forgotten.add(ulid)) {
      LOG.info("part {} leaves the memory: its block, or what was made of it, is here", ulid);
      tsdb.forget(ulid);
    }
  }

  private static Optional<SealedPart> sealed(Tsdb tsdb, Ulid ulid) {
    return tsdb.sealedParts().stream().filter(each -> each.range().ulid().equals(ulid)).findFirst();
  }

  /** Whether a block that was found here at the start is read as a whole before it is relied on. */
  private boolean isWanted(Tsdb tsdb, ManifestPart part) {
    return !part.isBuilt()
        || sealed(tsdb, part.ulid()).isPresent()
        || part.parents().stream()
            .anyMatch(
                parent -> store.has(parent.ulid()) || sealed(tsdb, parent.ulid()).isPresent());
  }

  private void check(Ulid ulid) throws IOException {
    known.put(ulid, builder.factsOf(ulid));
  }

  /** Makes the block of a part that lacks here, or one that is needed for it. */
  private void make(Tsdb tsdb, ManifestPart part) throws IOException, InterruptedException {
    Ulid ulid = part.ulid();
    BlockFacts certified = part.facts();
    Optional<SealedPart> sealed = sealed(tsdb, ulid);
    Optional<SealedPart> parent = parentToBuild(tsdb, part);
    setAsideUnopened(ulid);
    if (parent.isPresent()) {
      setAsideUnopened(parent.get().range().ulid());
    }
    if (!unbuildable.contains(ulid) && canBuild(part, sealed, parent)) {
      try {
        build(part, sealed, parent);
      } catch (CorruptFile e) {
        unbuildable.add(ulid);
        throw e;
      }
    } else if (certified != null && fetcher.fetch(ulid, certified)) {
      known.put(ulid, certified);
      unbuildable.remove(ulid);
      counts.fetched();
      LOG.info("block {} was fetched from another node", ulid);
    } else {
      throw new MissingBlock(ulid, "it can't be built here, and no other node gives it");
    }
    BlockFacts found = known.get(ulid);
    if (certified != null && found != null && !certified.equals(found) && !store.has(ulid)) {
      unbuildable.add(ulid); // not a sample was left here of what the majority has
    }
  }

  /** What bears the name of a block and could not be opened is in the way of the right one. */
  private void setAsideUnopened(Ulid ulid) throws IOException {
    if (!store.has(ulid) && Files.exists(store.directory().of(ulid))) {
      Path aside = store.directory().quarantine(ulid, "unopened");
      counts.quarantined();
      LOG.error("block {} could not be opened, and is set aside in {}", ulid, aside);
    }
  }

  private boolean canBuild(
      ManifestPart part, Optional<SealedPart> sealed, Optional<SealedPart> parent) {
    return sealed.isPresent() || parent.isPresent() || isRebuildable(part);
  }

  private void build(ManifestPart part, Optional<SealedPart> sealed, Optional<SealedPart> parent)
      throws IOException, InterruptedException {
    if (sealed.isPresent()) {
      built(part.ulid(), builder.build(sealed.get()));
    } else if (parent.isPresent()) {
      builder.build(parent.get());
    } else {
      built(part.ulid(), builder.rebuild(part));
    }
  }

  /** A parent in memory without a block, where the others are here or in memory too. */
  private Optional<SealedPart> parentToBuild(Tsdb tsdb, ManifestPart part) {
    List<Ulid> lacking =
        part.parents().stream().map(Parent::ulid).filter(each -> !store.has(each)).toList();
    boolean isPossible = lacking.stream().allMatch(each -> sealed(tsdb, each).isPresent());
    return isPossible && !lacking.isEmpty() ? sealed(tsdb, lacking.getFirst()) : Optional.empty();
  }

  private boolean isRebuildable(ManifestPart part) {
    return !part.parents().isEmpty()
        && part.parents().stream().allMatch(parent -> store.has(parent.ulid()));
  }

  private void built(Ulid ulid, BlockFacts facts) {
    known.put(ulid, facts);
    counts.built(facts.sizeBytes());
    LOG.info("built block {}: {}", ulid, facts);
  }

  /** Sets aside a block that is not what the majority has, so that it is fetched. On any thread. */
  void setAsideDiffering(Ulid ulid, BlockFacts found, BlockFacts certified) throws IOException {
    LOG.error(
        "block {} has other bytes here than on a majority of the nodes: {}, expected {}; it is set"
            + " aside and fetched from another node",
        ulid,
        found,
        certified);
    counts.differing();
    unbuildable.add(ulid);
    known.remove(ulid);
    store.quarantine(ulid, "differs");
  }

  private boolean tend(Manifest manifest, OrderedCompaction ordered) throws InterruptedException {
    Ulid result = ordered.result();
    if (known.containsKey(result)) {
      return false;
    }
    if (store.has(result)) {
      return attempt(result, () -> check(result));
    }
    return ordered.sources().stream().allMatch(store::has)
        && attempt(
            result,
            () -> {
              setAsideUnopened(result);
              built(result, builder.build(manifest, ordered));
            });
  }

  /** Drops what is known of blocks that nothing names any more. */
  private void forgetOthers(Manifest manifest) {
    Set<Ulid> named = new HashSet<>();
    manifest.parts().forEach(part -> named.add(part.ulid()));
    manifest.compactions().forEach(ordered -> named.add(ordered.result()));
    known.keySet().retainAll(named);
    retryAtNanos.keySet().retainAll(named);
    unbuildable.retainAll(named);
  }

  /** Something that may fail by the disk or the network, and is then tried again later. */
  @FunctionalInterface
  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  private boolean attempt(Ulid ulid, Work work) throws InterruptedException {
    try {
      work.run();
      retryAtNanos.remove(ulid);
      return true;
    } catch (ClosedByInterruptException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedException("while working on block " + ulid);
    } catch (CorruptFile e) {
      failed(ulid, e);
      setAsideDamaged(e);
    } catch (IOException | MissingBlock e) {
      failed(ulid, e);
    }
    return true;
  }

  private void failed(Ulid ulid, Exception problem) {
    counts.failed();
    retryAtNanos.put(ulid, nanoTime.getAsLong() + RETRY.toNanos());
    LOG.error("block {}: tried again in {} s", ulid, RETRY.toSeconds(), problem);
  }

  /** Sets damaged blocks aside, so that they come again from another node. On any thread. */
  void setAsideDamaged(CorruptFile problem) {
    try {
      for (Ulid ulid : store.directory().list()) {
        if (problem.path().startsWith(store.directory().of(ulid))) {
          known.remove(ulid);
          counts.quarantined();
          LOG.error("block {} is damaged, and set aside", ulid);
          if (store.has(ulid)) {
            store.quarantine(ulid, "corrupt");
          } else {
            store.directory().quarantine(ulid, "corrupt");
          }
        }
      }
    } catch (IOException e) {
      LOG.error("{} is damaged, and its block can't be set aside", problem.path(), e);
    }
  }

  /**
   * Sets a block aside that a query could not read, so that it comes again; nothing happens where
   * that was done already. On any thread.
   *
   * @return whether the block was set aside now
   */
  public boolean setAsideUnreadable(Block block, IOException problem) {
    Ulid ulid = block.meta().ulid();
    try {
      if (problem instanceof UsedAfterClose || !store.quarantine(block, "unreadable")) {
        return false;
      }
      known.remove(ulid);
      counts.quarantined();
      LOG.error("block {} could not be read by a query, and is set aside", ulid, problem);
      return true;
    } catch (IOException e) {
      LOG.error("block {} could not be read by a query, and can't be set aside", ulid, e);
      return false;
    }
  }
}
