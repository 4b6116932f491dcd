package io.rafttsdb.replica;

import io.rafttsdb.replica.backup.BackupBlock;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.block.BlockMeta;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.Manifest;
import io.rafttsdb.storage.manifest.ManifestPart;
import io.rafttsdb.storage.model.Ulid;
import io.rafttsdb.storage.part.PartBuilder;
import io.rafttsdb.storage.part.PartStore;
import java.io.IOException;
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

  private final Supplier<Tsdb> engine;
  private final PartStore store;
  private final PartBuilder builder;
  private final BlockPuller puller;
  private final BlockSweeper sweeper;
  private final int shard;

  BlockImports(
      Supplier<Tsdb> engine,
      PartStore store,
      PartBuilder builder,
      BlockPuller puller,
      BlockSweeper sweeper,
      int shard) {
    this.engine = engine;
    this.store = store;
    this.builder = builder;
    this.puller = puller;
    this.sweeper = sweeper;
    this.shard = shard;
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
   * What of a block can be told without writing anything.
   *
   * @return why it is not to be written anew, or nothing where it is
   */
  public Optional<Rewritten> judge(ForeignBlock foreign) {
    Manifest manifest = engine.get().manifest();
    Ulid name = foreign.nameIn(shard);
    Optional<ManifestPart> part = manifest.part(name);
    if (part.isPresent()) {
      return Optional.of(
          isOf(foreign, part.get()) ? new Rewritten.Known() : otherKnown(foreign.ulid()));
    }
    if (manifest.compaction(name).isPresent()) {
      return Optional.of(otherKnown(foreign.ulid()));
    }
    if (manifest.isTaken(name)) {
      return Optional.of(new Rewritten.Known());
    }
    long endMs = foreign.meta().endMs();
    long sealedUpToMs = engine.get().sealedUpToMs();
    return endMs <= sealedUpToMs
        ? Optional.empty()
        : Optional.of(
            new Rewritten.Refused(
                "block "
                    + foreign.ulid()
                    + " ends at "
                    + endMs
                    + " ms; blocks are taken up to where the Head was cut, which is "
                    + (sealedUpToMs == Long.MIN_VALUE ? "nowhere yet" : sealedUpToMs + " ms")));
  }

  private static Rewritten otherKnown(Ulid ulid) {
    return new Rewritten.Refused("another block of the name " + ulid + " is there");
  }

  /**
   * By what can be told without writing it anew; counts differ where something is deleted of it, or
   * other shards have a part.
   */
  private static boolean isOf(ForeignBlock foreign, ManifestPart part) {
    BlockFacts facts = part.facts();
    BlockMeta meta = foreign.meta();
    return facts != null
        && part.minMs() == meta.minMs()
        && part.endMs() == meta.endMs()
        && (meta.stats().tombstones() > 0
            || !foreign.isWhole()
            || facts.samples() == meta.stats().samples());
  }

  /**
   * Writes this shard's part of a block of another storage anew on this node: the same range and
   * samples, without what is deleted of it, every chunk checked; under the name that {@link
   * ForeignBlock#nameIn} gives it.
   *
   * @throws IOException where it can't be read, or its bytes are not what they should be
   */
  public Rewritten rewrite(ForeignBlock foreign) throws IOException, InterruptedException {
    Optional<Rewritten> judged = judge(foreign);
    if (judged.isPresent()) {
      return judged.get();
    }
    Ulid name = foreign.nameIn(shard);
    sweeper.hold(name, STAGED_MAX);
    store.remove(name); // an earlier import that was given up
    BlockMeta meta = foreign.meta();
    BlockFacts facts = builder.rewrite(name, meta, foreign.part(shard));
    return facts.isEmpty()
        ? new Rewritten.Empty()
        : new Rewritten.Staged(new BackupBlock(name, meta.minMs(), meta.endMs(), facts));
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

  /**
   * Has a block stay for as long again.
   *
   * @return whether it is on this node's disk
   */
  public boolean keep(Ulid ulid) {
    sweeper.hold(ulid, STAGED_MAX);
    return store.has(ulid);
  }

  /** A block that was not entered may go, and with it what the log does not name. */
  public void release(Ulid ulid) {
    sweeper.release(ulid);
  }
}
