package io.rafttsdb.replica;

import io.rafttsdb.replica.backup.BackupBlock;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.block.Block;
import io.rafttsdb.storage.block.BlockMeta;
import io.rafttsdb.storage.block.Lease;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.Manifest;
import io.rafttsdb.storage.manifest.ManifestPart;
import io.rafttsdb.storage.model.Ulid;
import io.rafttsdb.storage.part.PartBuilder;
import io.rafttsdb.storage.part.PartStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Brings blocks of another storage onto this node's disk before the log names them: written anew
 * from a foreign directory, or pulled from the node that did so. The sweeper leaves such a block
 * alone for a while; where it was not entered by then, it goes. Safe for any thread; a block is
 * worked on by one at a time.
 */
public final class BlockImports {

  /** For so long a block stays that no entry names yet. */
  static final Duration STAGED_MAX = Duration.ofMinutes(30);

  private final int shard;
  private final int shards;
  private final Supplier<Tsdb> engine;
  private final PartStore store;
  private final PartBuilder builder;
  private final BlockPuller puller;
  private final BlockSweeper sweeper;

  BlockImports(
      ReplicaConfig config,
      Supplier<Tsdb> engine,
      PartStore store,
      PartBuilder builder,
      BlockPuller puller,
      BlockSweeper sweeper) {
    this.shard = config.shard();
    this.shards = config.policy().shards();
    this.engine = engine;
    this.store = store;
    this.builder = builder;
    this.puller = puller;
    this.sweeper = sweeper;
  }

  /** What became of a foreign block. */
  public sealed interface Rewritten {
    /** It is on this node's disk, checked and forced, under its name. */
    record Staged(BackupBlock block) implements Rewritten {}

    /** The shard has it, or what it was merged into. */
    record Known() implements Rewritten {}

    /** No sample is left in it. */
    record Empty() implements Rewritten {}

    /** It can't be entered. */
    record Refused(String reason) implements Rewritten {}
  }

  /**
   * Writes a block of another storage anew on this node: the same name, range and samples, without
   * what is deleted of it, every chunk checked. Of several shards each takes the series that belong
   * to it, under a {@linkplain #nameOf name} of its own.
   *
   * @param foreign its directory, which bears its name
   * @throws IOException where it can't be read, or its bytes are not what they should be
   */
  public Rewritten rewrite(Path foreign) throws IOException, InterruptedException {
    if (!Ulid.isUlid(String.valueOf(foreign.getFileName()))) {
      throw new IOException(foreign + " is no directory of a block: its name is no ULID");
    }
    try (Block block = Block.open(foreign);
        Lease lease = block.acquire()) {
      BlockMeta meta = block.meta();
      Ulid ulid = nameOf(meta.ulid());
      Optional<Rewritten> known = known(ulid, meta);
      if (known.isPresent()) {
        return known.get();
      }
      sweeper.hold(ulid, STAGED_MAX);
      store.remove(ulid); // an earlier import that was given up
      BlockFacts facts =
          shards == 1
              ? builder.rewrite(lease)
              : builder.rewrite(
                  lease, ulid, labels -> ShardRouting.shardOf(labels, shards) == shard);
      return facts.isEmpty()
          ? new Rewritten.Empty()
          : new Rewritten.Staged(new BackupBlock(ulid, meta.minMs(), meta.endMs(), facts));
    }
  }

  /** What this shard calls its part of a foreign block: in a backup blocks of all shards meet. */
  public Ulid nameOf(Ulid foreign) {
    return new Ulid(foreign.high(), foreign.low() ^ shard);
  }

  private Optional<Rewritten> known(Ulid ulid, BlockMeta meta) {
    Manifest manifest = engine.get().manifest();
    Optional<ManifestPart> part = manifest.part(ulid);
    if (part.isPresent()) {
      return Optional.of(isOf(meta, part.get()) ? new Rewritten.Known() : otherKnown(ulid));
    }
    if (manifest.compaction(ulid).isPresent()) {
      return Optional.of(otherKnown(ulid));
    }
    if (manifest.isTaken(ulid)) {
      return Optional.of(new Rewritten.Known());
    }
    long sealedUpToMs = engine.get().sealedUpToMs();
    return meta.endMs() <= sealedUpToMs
        ? Optional.empty()
        : Optional.of(
            new Rewritten.Refused(
                "block "
                    + meta.ulid()
                    + " ends at "
                    + meta.endMs()
                    + " ms; blocks are taken up to where the Head was cut, which is "
                    + (sealedUpToMs == Long.MIN_VALUE ? "nowhere yet" : sealedUpToMs + " ms")));
  }

  private static Rewritten otherKnown(Ulid ulid) {
    return new Rewritten.Refused("another block of the name " + ulid + " is there");
  }

  /**
   * By what can be told without writing it anew; counts differ where something is deleted of it or
   * belongs to other shards.
   */
  private boolean isOf(BlockMeta meta, ManifestPart part) {
    BlockFacts facts = part.facts();
    return facts != null
        && part.minMs() == meta.minMs()
        && part.endMs() == meta.endMs()
        && (shards > 1
            || meta.stats().tombstones() > 0
            || facts.samples() == meta.stats().samples());
  }

  /**
   * Gets a block that is about to be entered from the node that has it; done when it is on this
   * node's disk, checked and forced. May be repeated.
   *
   * @throws IOException where it does not come; what came stays for the next try
   */
  public void stage(Ulid ulid, BlockFacts facts, Member from)
      throws IOException, InterruptedException {
    Optional<ManifestPart> part = engine.get().manifest().part(ulid);
    if (part.isPresent() && !facts.equals(part.get().facts())) {
      throw new IOException("another block of the name " + ulid + " is there");
    }
    sweeper.hold(ulid, STAGED_MAX);
    if (!store.has(ulid) || !builder.factsOf(ulid).equals(facts)) {
      puller.pull(ulid, facts, List.of(from));
    }
  }

  /** A block that was not entered may go, and with it what the log does not name. */
  public void release(Ulid ulid) {
    sweeper.release(ulid);
  }
}
