package io.rafttsdb.storage.part;

import io.rafttsdb.storage.block.BlockMeta;
import io.rafttsdb.storage.block.BlockMeta.Compaction;
import io.rafttsdb.storage.block.Lease;
import io.rafttsdb.storage.compact.Compactor;
import io.rafttsdb.storage.head.ChunkLease;
import io.rafttsdb.storage.head.SealedPart;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.Digest;
import io.rafttsdb.storage.manifest.Manifest;
import io.rafttsdb.storage.manifest.ManifestPart;
import io.rafttsdb.storage.manifest.ManifestPart.Parent;
import io.rafttsdb.storage.manifest.OrderedCompaction;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.MissingBlock;
import io.rafttsdb.storage.model.SealedRange;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.function.Predicate;

/**
 * Builds the blocks that a manifest orders, on this node and into its {@link PartStore}. The inputs
 * are read as of the entry that ordered the block, so that all nodes write the same bytes: of a
 * compaction's sources the deletes are carried out that came before it, and no others.
 *
 * <p>For any number of threads, one block each.
 */
public final class PartBuilder {

  /** The facts of a block without samples, of which there are no files. */
  private static final BlockFacts EMPTY =
      new BlockFacts(Digest.of(new byte[Digest.BYTES]), 0, 0, 0, 0);

  private final PartStore store;
  private final Compactor compactor;
  private final LongConsumer beforeRead;

  /**
   * A builder.
   *
   * @param beforeRead told the bytes of each read of the check after a build, and may make it wait
   */
  public PartBuilder(PartStore store, Compactor compactor, LongConsumer beforeRead) {
    this.store = store;
    this.compactor = compactor;
    this.beforeRead = beforeRead;
  }

  /**
   * Builds the block of a sealed part, checks it, and opens it.
   *
   * @param sealed its samples, held until it is built
   * @throws IOException where it was forgotten before, or can't be read, or the block not be
   *     written
   */
  public BlockFacts build(SealedPart sealed) throws IOException, InterruptedException {
    SealedRange range = sealed.range();
    List<String> hints =
        switch (range.kind()) {
          case IN_ORDER -> List.of();
          case OUT_OF_ORDER -> List.of(Compaction.FROM_OUT_OF_ORDER);
        };
    try (ChunkLease _ = sealed.hold()) {
      return added(
          range.ulid(),
          compactor.build(range.ulid(), sealed, range.fromMs(), range.upToMs(), hints));
    }
  }

  /**
   * Builds the result of an ordered compaction, checks it, and opens it.
   *
   * @throws MissingBlock where a source is not here
   */
  public BlockFacts build(Manifest manifest, OrderedCompaction ordered)
      throws IOException, InterruptedException {
    List<Parent> parents = new ArrayList<>();
    for (Ulid ulid : ordered.sources()) {
      ManifestPart part =
          manifest
              .part(ulid)
              .orElseThrow(() -> new IllegalStateException("no source " + ulid + " to compact"));
      parents.add(new Parent(ulid, manifest.carriedOut(part, ordered)));
    }
    return merge(ordered.result(), parents);
  }

  /**
   * Builds a block that a majority has already and this node has not, of the parents that stand in
   * for it.
   *
   * @throws MissingBlock where one of them is not here
   */
  public BlockFacts rebuild(ManifestPart part) throws IOException, InterruptedException {
    return merge(part.ulid(), part.parents());
  }

  /**
   * Writes a block of another storage anew as one of this store, checks it, and opens it: the same
   * name, range and samples, without what is deleted of it or lies outside of its range.
   *
   * @return its facts; those of an empty block, and nothing is there, where no sample is left
   */
  public BlockFacts rewrite(Lease foreign) throws IOException, InterruptedException {
    BlockMeta meta = foreign.block().meta();
    return added(
        meta.ulid(),
        compactor.build(
            meta.ulid(), foreign.block(), meta.minMs(), meta.endMs(), meta.compaction().hints()));
  }

  /**
   * The same with some of its series alone, as another block.
   *
   * @param ulid of the block that is written
   * @param wanted which series it has
   */
  public BlockFacts rewrite(Lease foreign, Ulid ulid, Predicate<Labels> wanted)
      throws IOException, InterruptedException {
    BlockMeta meta = foreign.block().meta();
    return added(
        ulid,
        compactor.build(
            ulid,
            new SeriesSubset(foreign.block(), wanted),
            meta.minMs(),
            meta.endMs(),
            meta.compaction().hints()));
  }

  private BlockFacts merge(Ulid result, List<Parent> parents)
      throws IOException, InterruptedException {
    List<Lease> leases = new ArrayList<>();
    try {
      List<Compactor.Source> sources = new ArrayList<>();
      for (Parent parent : parents) {
        Lease lease =
            store
                .acquire(parent.ulid())
                .orElseThrow(() -> new MissingBlock(parent.ulid(), "a compaction needs it"));
        leases.add(lease);
        PartDeletes deletes = new PartDeletes(parent.carriedOut());
        sources.add(new Compactor.Source(lease.block().meta(), deletes.over(lease.block())));
      }
      return added(result, compactor.compact(result, sources));
    } finally {
      leases.forEach(Lease::close);
    }
  }

  private BlockFacts added(Ulid ulid, Optional<BlockMeta> built) throws IOException {
    if (built.isEmpty()) {
      return EMPTY;
    }
    BlockFacts facts = factsOf(ulid);
    store.add(ulid);
    return facts;
  }

  /** The facts of a block of this node. */
  public BlockFacts factsOf(Ulid ulid) throws IOException {
    return BlockFiles.verify(store.directory().of(ulid), beforeRead);
  }
}
