package io.rafttsdb.storage;

import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.file.LocalDisk;
import io.rafttsdb.storage.head.ChunkStore;
import io.rafttsdb.storage.head.Head;
import io.rafttsdb.storage.head.HeadReader;
import io.rafttsdb.storage.head.ImageReader;
import io.rafttsdb.storage.head.SealedPart;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.Manifest;
import io.rafttsdb.storage.manifest.ManifestChange;
import io.rafttsdb.storage.manifest.ManifestChange.Accepted;
import io.rafttsdb.storage.manifest.ManifestChange.Refused;
import io.rafttsdb.storage.manifest.ManifestPart;
import io.rafttsdb.storage.manifest.ManifestPart.Origin;
import io.rafttsdb.storage.model.AppendResult;
import io.rafttsdb.storage.model.Capture;
import io.rafttsdb.storage.model.CaptureOverrun;
import io.rafttsdb.storage.model.CorruptFile;
import io.rafttsdb.storage.model.CutResult;
import io.rafttsdb.storage.model.HeadStats;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.LimitExceeded;
import io.rafttsdb.storage.model.Matcher;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.SealedRange;
import io.rafttsdb.storage.model.Selection;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
import io.rafttsdb.storage.part.Blocks;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The storage engine of one shard. Its state is a function of the log entries applied: settings,
 * batches, cuts and deletions, in order.
 *
 * <p>One thread, the apply thread, calls {@link #configure}, {@link #raiseTo}, {@link #append},
 * {@link #cut}, {@link #cutOutOfOrder}, {@link #delete}, {@link #built}, {@link #importBlock},
 * {@link #restore}, {@link #publish} and {@link #freeze}; no reader ever makes it wait. All other
 * methods may be called on any thread, and answer from the state after the last published entry,
 * never from the midst of one.
 *
 * <p>The apply thread reads no file but one: a repeat of a sample older than its series' open chunk
 * is looked for in a full chunk, which may be on disk. Where that can't be read, {@link #append}
 * throws an {@link java.io.UncheckedIOException} in the midst of its work, and the node has to end.
 */
public final class Tsdb implements Closeable {

  /** The published index before the first entry. */
  public static final long NOTHING_PUBLISHED = Head.NOTHING_PUBLISHED;

  private final Head head;
  private final HeadReader reader;
  private final ShardReader queries;
  private final Disk disk;

  /**
   * An empty engine without settings and without files: it stores nothing before {@link
   * #configure}, and keeps everything in memory.
   */
  public Tsdb() {
    this(Blocks.NONE);
  }

  /**
   * An empty engine without settings, which keeps what is not in blocks in memory.
   *
   * @param blocks what this node has of the parts below the Head
   */
  public Tsdb(Blocks blocks) {
    this(new Head(), blocks, new LocalDisk());
  }

  private Tsdb(Head head, Blocks blocks, Disk disk) {
    this.head = head;
    this.reader = new HeadReader(head);
    this.queries = new ShardReader(reader, blocks);
    this.disk = disk;
  }

  /** An empty engine without blocks. */
  public static Tsdb empty(ChunksHead chunks) throws IOException {
    return empty(chunks, Blocks.NONE);
  }

  /**
   * An empty engine without settings.
   *
   * @param chunks where full chunks go
   */
  public static Tsdb empty(ChunksHead chunks, Blocks blocks) throws IOException {
    return new Tsdb(new Head(chunks.empty()), blocks, chunks.disk());
  }

  /** An engine without blocks in the state that {@link FrozenTsdb#writeTo} wrote. */
  public static Tsdb load(Path imageFile) throws IOException {
    return load(imageFile, Blocks.NONE);
  }

  /**
   * An engine in the state that {@link FrozenTsdb#writeTo} wrote, which keeps what is not in blocks
   * in memory.
   *
   * @throws CorruptFile where the file is no image, or damaged: get another one
   */
  public static Tsdb load(Path imageFile, Blocks blocks) throws IOException {
    return new Tsdb(ImageReader.read(imageFile), blocks, new LocalDisk());
  }

  /** An engine without blocks in the state that {@link FrozenTsdb#writeSnapshot} wrote. */
  public static Tsdb load(Path snapshot, ChunksHead chunks) throws IOException {
    return load(snapshot, chunks, Blocks.NONE);
  }

  /**
   * An engine in the state that {@link FrozenTsdb#writeSnapshot} wrote, or with the image alone
   * {@link FrozenTsdb#writeTo}.
   *
   * @param snapshot directory of the image and of the files beside it, which it keeps
   * @param chunks where full chunks go, at first by links to those of the snapshot
   * @throws CorruptFile where the image or one of the files is damaged: get another snapshot
   */
  public static Tsdb load(Path snapshot, ChunksHead chunks, Blocks blocks) throws IOException {
    ChunkStore store = chunks.restored(snapshot.resolve(FrozenTsdb.CHUNKS_NAME));
    try {
      Head head = ImageReader.read(snapshot.resolve(FrozenTsdb.IMAGE_NAME), store);
      return new Tsdb(head, blocks, chunks.disk());
    } catch (Throwable e) {
      store.close();
      throw e;
    }
  }

  /**
   * Sets the settings: the first ones, or later ones with the same block range.
   *
   * @return whether they were accepted
   */
  public boolean configure(Settings settings) {
    return head.configure(settings);
  }

  /**
   * Raises the cluster version: from this entry on what came with it may be written.
   *
   * @return whether it was accepted: one more than the present one, since members are asked for one
   *     step after the other
   */
  public boolean raiseTo(int clusterVersion) {
    return head.raiseTo(clusterVersion);
  }

  /**
   * Stores the samples of one request. Each is judged by itself, against the samples before it:
   *
   * <ul>
   *   <li>cut off already, or older than half a block range behind the newest sample of all, as
   *       that was before this batch, and outside of the window for samples out of order: out of
   *       bounds, or with such a window too old;
   *   <li>newer than its series' newest and not so old: stored; a series that is not there is
   *       created;
   *   <li>there already, and not cut off, with the same bits: accepted, nothing changes; with other
   *       bits: a duplicate;
   *   <li>otherwise: out of order without a window, stored out of order inside of it, too old
   *       beyond it.
   * </ul>
   *
   * <p>What was cut off is not looked at. So inside of the window a sample may be stored out of
   * order at a timestamp at which a sealed part or a block has one: that one is seen.
   *
   * <p>Nothing at all is stored without settings or with a ref that no series has.
   */
  public AppendResult append(SampleBatch batch) {
    return head.append(batch);
  }

  /**
   * Seals all samples before a time into a part, so that it becomes the block of this name. It
   * changes no answer: the part is queried like the Head until {@link #forget}. Afterwards nothing
   * before the time is accepted; series that have no samples left lose their refs for ever.
   *
   * <p>Refused, and nothing changed, unless the time is a multiple of the block range, after the
   * last cut and at least half a block range older than the newest sample, and fewer than two parts
   * wait for {@link #built}.
   *
   * @param upToMs end of the part, exclusive
   */
  public CutResult cut(long upToMs, Ulid ulid) {
    if (head.manifest().isTaken(ulid)) {
      return new CutResult.Refused("the name " + ulid + " is taken");
    }
    CutResult result = head.cut(upToMs, ulid);
    if (result instanceof CutResult.Sealed(List<SealedRange> ranges)) {
      ranges.forEach(range -> enter(range, Origin.HEAD));
    }
    return result;
  }

  /**
   * Seals what came out of order for some block ranges that were cut off before, so that each
   * becomes the block of its name.
   *
   * <p>Refused, and nothing changed, unless the ranges are of {@link #outOfOrderRanges}, ascending,
   * of the length of block ranges and end at or before {@link #sealedUpToMs}, no other part of
   * samples out of order waits, and none in order that overlaps one of them: so that samples in
   * order come first in the manifest too.
   */
  public CutResult cutOutOfOrder(List<SealedRange> ranges) {
    for (SealedRange range : ranges) {
      if (head.manifest().isTaken(range.ulid())) {
        return new CutResult.Refused("the name " + range.ulid() + " is taken");
      }
    }
    CutResult result = head.cutOutOfOrder(ranges);
    if (result instanceof CutResult.Sealed(List<SealedRange> sealed)) {
      sealed.forEach(range -> enter(range, Origin.OUT_OF_ORDER));
    }
    return result;
  }

  /** Enters a part that was sealed into the manifest. */
  private void enter(SealedRange range, Origin origin) {
    ManifestChange change =
        head.manifest().cut(range.ulid(), origin, range.fromMs(), range.upToMs());
    if (!(change instanceof Accepted(Manifest changed))) {
      throw new IllegalStateException("the Head was cut, and the manifest says " + change);
    }
    head.manifest(changed);
  }

  /**
   * Deletes the samples in [minMs, maxMs] that are there, of all series that fulfil the matchers:
   * they are not seen any more. In the Head and in sealed parts in memory at once; the parts below
   * bear the delete until it is carried out by a compaction. A repeat of one is accepted and stays
   * deleted.
   *
   * @throws IllegalArgumentException where the range is empty
   */
  public ManifestChange delete(List<Matcher> matchers, long minMs, long maxMs) {
    ManifestChange change = head.manifest().delete(matchers, minMs, maxMs);
    if (change instanceof Accepted(Manifest changed)) {
      head.delete(matchers, minMs, maxMs);
      head.manifest(changed);
    }
    return change;
  }

  /**
   * Enters the block of a sealed part or of an ordered compaction into the manifest: a majority of
   * the nodes has built it and found the same.
   */
  public ManifestChange built(Ulid ulid, BlockFacts facts) {
    ManifestChange change = changed(head.manifest().built(ulid, facts));
    if (change instanceof Accepted) {
      boolean _ = head.built(ulid);
    }
    return change;
  }

  /**
   * Orders a compaction. The sources count until {@link #built} enters its result.
   *
   * @param sources in the manifest's order
   */
  public ManifestChange compact(Ulid result, List<Ulid> sources) {
    return changed(head.manifest().compact(result, sources));
  }

  /** Takes blocks out of the manifest: their samples are gone with this entry. */
  public ManifestChange drop(List<Ulid> ulids) {
    return changed(head.manifest().drop(ulids));
  }

  /**
   * Enters a block of another storage, which a majority has on disk. It changes nothing about what
   * is accepted.
   *
   * <p>Refused, and nothing changed, unless it ends where something was cut off already, and no
   * other block has its name. The same again is accepted.
   *
   * @param endMs end of its range, exclusive
   */
  public ManifestChange importBlock(Ulid ulid, long minMs, long endMs, BlockFacts facts) {
    if (endMs > head.sealedUpToMs()) {
      return new Refused(
          "block "
              + ulid
              + " ends at "
              + endMs
              + ", expected at most "
              + head.sealedUpToMs()
              + ", up to which the Head was cut");
    }
    return changed(head.manifest().enter(ulid, minMs, endMs, facts));
  }

  /**
   * Prepares an engine for the blocks of a backup: writes go on where that ended. Nothing before
   * the end is accepted from then on but by {@link #importBlock}.
   *
   * <p>Refused, and nothing changed, where anything was cut off or imported already, or a sample is
   * there of before the end. The same again is accepted.
   *
   * @param upToMs end of the backup, exclusive; not necessarily a multiple of the block range
   * @param newestMs its newest sample
   */
  public ManifestChange restore(long upToMs, long newestMs) {
    String refusal = head.sealEmpty(upToMs, newestMs);
    return refusal == null
        ? new Accepted(head.manifest())
        : new Refused("this is no place for a backup: " + refusal);
  }

  /** Takes up a changed manifest; a part that it names no more is not to be seen in memory. */
  private ManifestChange changed(ManifestChange change) {
    if (change instanceof Accepted(Manifest manifest)) {
      Set<Ulid> named = new HashSet<>();
      for (ManifestPart part : manifest.parts()) {
        named.add(part.ulid());
        part.parents().forEach(parent -> named.add(parent.ulid()));
      }
      for (ManifestPart part : head.manifest().parts()) {
        forgetUnless(named, part.ulid());
        part.parents().forEach(parent -> forgetUnless(named, parent.ulid()));
      }
      head.manifest(manifest);
    }
    return change;
  }

  private void forgetUnless(Set<Ulid> named, Ulid ulid) {
    if (!named.contains(ulid)) {
      head.forget(ulid);
    }
  }

  /**
   * Drops a sealed part from this node's memory, with the next entry that is published. The node's
   * own matter, no part of the state: for a node that has the part's block verified, forced to disk
   * and among those that it queries. Nothing happens where there is no such part.
   */
  public void forget(Ulid ulid) {
    head.forget(ulid);
  }

  /**
   * Ends the log entry of this index: everything since the last call becomes visible at once.
   *
   * @throws IllegalArgumentException unless the index is greater than the last one
   */
  public void publish(long index) {
    head.publish(index);
  }

  /**
   * Holds fast the state after the last published entry; only between two entries. To be closed.
   */
  public FrozenTsdb freeze() {
    return new FrozenTsdb(head.freeze(), disk);
  }

  /**
   * Brings full chunks to disk, lets their memory go, and deletes the files of those that nobody
   * needs any more. The node's own matter: no answer and no state hash depends on when it is
   * called, or whether. To be called again and again, on one thread, which waits for the disk; the
   * apply thread does not wait for it. Nothing happens where chunks stay in memory.
   *
   * @return chunks that were brought to disk
   * @throws IOException upon which no chunk goes to disk any more; none is lost by it
   */
  public int spill() throws IOException {
    return head.spill();
  }

  /**
   * Closes the files of full chunks and deletes them: another engine begins with those of a
   * snapshot. Captures and frozen states that are open can be read on; blocks are closed by whoever
   * opened them. Closing twice is closing once.
   */
  @Override
  public void close() throws IOException {
    head.close();
  }

  /** Index of the last published entry, or {@link #NOTHING_PUBLISHED}. */
  public long publishedIndex() {
    return reader.publishedIndex();
  }

  /** The settings, or null before the first. */
  public @Nullable Settings settings() {
    return reader.settings();
  }

  /** What all members know; {@link io.rafttsdb.storage.model.ClusterVersions#NONE} at first. */
  public int clusterVersion() {
    return reader.clusterVersion();
  }

  /** Samples before this time were cut off; {@link Long#MIN_VALUE} before the first cut. */
  public long sealedUpToMs() {
    return reader.sealedUpToMs();
  }

  /** The sealed parts that have no block in the manifest yet, in the order of their sealing. */
  public List<SealedRange> waiting() {
    return reader.waiting();
  }

  /** What lies below the Head. */
  public Manifest manifest() {
    return reader.state().manifest();
  }

  /** Starts of the block ranges of which the Head has samples out of order, ascending. */
  public List<Long> outOfOrderRanges() {
    return reader.outOfOrderRanges();
  }

  /**
   * The sealed parts in this node's memory, what blocks are built from: those in order by time,
   * then the others by their sealing.
   */
  public List<SealedPart> sealedParts() {
    return reader.parts();
  }

  /** Size of the Head, without the sealed parts. */
  public HeadStats stats() {
    return reader.stats();
  }

  /**
   * Captures the series of all selections, each sorted by labels, from the state after one entry. A
   * series is there when one of its chunks reaches into the time range; it may then have no sample
   * in it.
   *
   * @throws LimitExceeded on more than seriesMax series, those of several selections counted each
   *     time
   * @throws CaptureOverrun where writes overtook the capture many times; it may be tried again
   */
  public Capture select(List<Selection> selections, int seriesMax) {
    return queries.select(selections, seriesMax);
  }

  /**
   * Label sets of the series that any of the selections has, sorted, as {@link #select} has them.
   */
  public List<Labels> series(List<Selection> selections) {
    return queries.series(selections);
  }

  /** Label names of the series that any of the selections has, sorted bytewise. */
  public List<String> labelNames(List<Selection> selections) {
    return queries.labelNames(selections);
  }

  /** Values of a label in the series that any of the selections has, sorted bytewise. */
  public List<String> labelValues(String name, List<Selection> selections) {
    return queries.labelValues(name, selections);
  }

  /**
   * Ref of a label set, or {@link SampleBatch#NO_REF}. A series of an entry that is being applied
   * may be found already.
   */
  public long refOf(Labels labels) {
    return head.refOf(labels);
  }

  /** Labels of the series of a ref, or null where no visible series has it (any more). */
  public @Nullable Labels labelsOf(long ref) {
    return head.labelsOf(ref);
  }

  /**
   * The canonical bytes of each label of a ref that is visible and not dropped, else null: nothing
   * is made for it, and nothing may be written to it. On any thread.
   */
  public byte @Nullable [][] labelBytesOf(long ref) {
    return head.labelBytesOf(ref);
  }
}
