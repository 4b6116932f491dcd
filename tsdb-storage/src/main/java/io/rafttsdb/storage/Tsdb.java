package io.rafttsdb.storage;

import io.rafttsdb.storage.head.Head;
import io.rafttsdb.storage.head.HeadReader;
import io.rafttsdb.storage.head.ImageReader;
import io.rafttsdb.storage.head.SealedPart;
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
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The storage engine of one shard. Its state is a function of the log entries applied: settings,
 * batches, cuts and deletions, in order.
 *
 * <p>One thread, the apply thread, calls {@link #configure}, {@link #append}, {@link #cut}, {@link
 * #cutOutOfOrder}, {@link #delete}, {@link #built}, {@link #publish} and {@link #freeze}; no reader
 * ever makes it wait. All other methods may be called on any thread, and answer from the state
 * after the last published entry, never from the midst of one.
 */
public final class Tsdb {

  /** The published index before the first entry. */
  public static final long NOTHING_PUBLISHED = Head.NOTHING_PUBLISHED;

  private final Head head;
  private final HeadReader reader;

  /** An empty engine without settings: it stores nothing before {@link #configure}. */
  public Tsdb() {
    this(new Head());
  }

  private Tsdb(Head head) {
    this.head = head;
    this.reader = new HeadReader(head);
  }

  /**
   * An engine in the state that {@link FrozenTsdb#writeTo} wrote.
   *
   * @throws CorruptFile where the file is no image, or damaged: get another one
   */
  public static Tsdb load(Path imageFile) throws IOException {
    return new Tsdb(ImageReader.read(imageFile));
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
    return head.cut(upToMs, ulid);
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
    return head.cutOutOfOrder(ranges);
  }

  /**
   * Deletes the samples in [minMs, maxMs] that are there, of all series that fulfil the matchers,
   * in the Head and in the sealed parts: they are not seen any more, and a part that is sealed
   * later goes into its block without them. A repeat of one is accepted and stays deleted. Blocks,
   * and the blocks of parts that are sealed already, are the caller's.
   *
   * @throws IllegalArgumentException where the range is empty
   */
  public void delete(List<Matcher> matchers, long minMs, long maxMs) {
    head.delete(matchers, minMs, maxMs);
  }

  /**
   * Says that the manifest has the block of a sealed part, which waits no more: part of the state,
   * so to be called with the same log entry on every replica.
   *
   * @return whether such a part was waiting
   */
  public boolean built(Ulid ulid) {
    return head.built(ulid);
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

  /** Holds fast the state after the last published entry; only between two entries. */
  public FrozenTsdb freeze() {
    return new FrozenTsdb(head.freeze());
  }

  /** Index of the last published entry, or {@link #NOTHING_PUBLISHED}. */
  public long publishedIndex() {
    return reader.publishedIndex();
  }

  /** The settings, or null before the first. */
  public @Nullable Settings settings() {
    return reader.settings();
  }

  /** Samples before this time were cut off; {@link Long#MIN_VALUE} before the first cut. */
  public long sealedUpToMs() {
    return reader.sealedUpToMs();
  }

  /** The sealed parts that have no block in the manifest yet, in the order of their sealing. */
  public List<SealedRange> waiting() {
    return reader.waiting();
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
    return reader.select(selections, seriesMax);
  }

  /**
   * Label sets of the series that any of the selections has, sorted, as {@link #select} has them.
   */
  public List<Labels> series(List<Selection> selections) {
    return reader.series(selections);
  }

  /** Label names of the series that any of the selections has, sorted bytewise. */
  public List<String> labelNames(List<Selection> selections) {
    return reader.labelNames(selections);
  }

  /** Values of a label in the series that any of the selections has, sorted bytewise. */
  public List<String> labelValues(String name, List<Selection> selections) {
    return reader.labelValues(name, selections);
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
}
