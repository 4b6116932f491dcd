package io.rafttsdb.storage;

import io.rafttsdb.storage.head.Head;
import io.rafttsdb.storage.head.HeadCapture;
import io.rafttsdb.storage.head.HeadReader;
import io.rafttsdb.storage.head.ImageReader;
import io.rafttsdb.storage.head.SealedPart;
import io.rafttsdb.storage.index.LabelIndex;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.Manifest;
import io.rafttsdb.storage.manifest.ManifestChange;
import io.rafttsdb.storage.manifest.ManifestChange.Accepted;
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
import io.rafttsdb.storage.model.MissingBlock;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.SealedRange;
import io.rafttsdb.storage.model.Selection;
import io.rafttsdb.storage.model.SeriesView;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
import io.rafttsdb.storage.part.Blocks;
import io.rafttsdb.storage.part.BlocksView;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
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

  /** States that a query may find to be past before it gives up; each is replaced by an entry. */
  private static final int TRIES_MAX = 64;

  /** The published index before the first entry. */
  public static final long NOTHING_PUBLISHED = Head.NOTHING_PUBLISHED;

  private final Head head;
  private final HeadReader reader;
  private final Blocks blocks;

  /**
   * An empty engine without settings and without blocks: it stores nothing before {@link
   * #configure}.
   */
  public Tsdb() {
    this(Blocks.NONE);
  }

  /**
   * An empty engine without settings.
   *
   * @param blocks what this node has of the parts below the Head
   */
  public Tsdb(Blocks blocks) {
    this(new Head(), blocks);
  }

  private Tsdb(Head head, Blocks blocks) {
    this.head = head;
    this.reader = new HeadReader(head);
    this.blocks = blocks;
  }

  /** An engine without blocks in the state that {@link FrozenTsdb#writeTo} wrote. */
  public static Tsdb load(Path imageFile) throws IOException {
    return load(imageFile, Blocks.NONE);
  }

  /**
   * An engine in the state that {@link FrozenTsdb#writeTo} wrote.
   *
   * @throws CorruptFile where the file is no image, or damaged: get another one
   */
  public static Tsdb load(Path imageFile, Blocks blocks) throws IOException {
    return new Tsdb(ImageReader.read(imageFile), blocks);
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

  /** Holds fast the state after the last published entry; only between two entries. */
  public FrozenTsdb freeze() {
    return new FrozenTsdb(head.freeze(), blocks);
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
    for (int tries = 1; ; tries++) {
      HeadCapture captured = reader.select(selections, seriesMax);
      Optional<BlocksView> view = blocksOf(captured, selections, tries);
      if (view.isPresent()) {
        return merged(captured, view.get(), selections, seriesMax);
      }
    }
  }

  private static Capture merged(
      HeadCapture captured, BlocksView view, List<Selection> selections, int seriesMax) {
    if (view.isEmpty()) {
      List<List<SeriesView>> series = new ArrayList<>(captured.series().size());
      captured.series().forEach(each -> series.add(List.copyOf(each)));
      return new Capture(captured.index(), series, view::close);
    }
    try {
      List<List<SeriesView>> series = new ArrayList<>(selections.size());
      int left = seriesMax;
      for (int k = 0; k < selections.size(); k++) {
        List<SeriesView> merged = view.merge(selections.get(k), captured.series().get(k), left);
        left -= merged.size();
        series.add(merged);
      }
      return new Capture(captured.index(), series, view::close);
    } catch (RuntimeException e) {
      view.close();
      throw e;
    }
  }

  /**
   * The blocks that a captured state needs; empty where one is gone because the state is past, so
   * that a newer one has to be captured.
   *
   * @throws MissingBlock where one is not here that the present state needs too
   */
  private Optional<BlocksView> blocksOf(
      HeadCapture captured, List<Selection> selections, int tries) {
    long minMs = selections.stream().mapToLong(Selection::minMs).min().orElse(Long.MAX_VALUE);
    long maxMs = selections.stream().mapToLong(Selection::maxMs).max().orElse(Long.MIN_VALUE);
    try {
      return Optional.of(
          BlocksView.of(captured.manifest(), captured.inMemory(), blocks, minMs, maxMs));
    } catch (MissingBlock e) {
      if (tries == TRIES_MAX || isPresent(captured)) {
        throw e;
      }
      return Optional.empty();
    }
  }

  /** Whether what lies below the Head is still as in a captured state. */
  private boolean isPresent(HeadCapture captured) {
    HeadCapture now = reader.state();
    return now.manifest().equals(captured.manifest()) && now.inMemory().equals(captured.inMemory());
  }

  /**
   * Label sets of the series that any of the selections has, sorted, as {@link #select} has them.
   */
  public List<Labels> series(List<Selection> selections) {
    return List.copyOf(
        lookUp(
            selections,
            () -> new TreeSet<>(reader.series(selections)),
            (view, found) -> selections.forEach(each -> view.addSeries(each, found))));
  }

  /** Label names of the series that any of the selections has, sorted bytewise. */
  public List<String> labelNames(List<Selection> selections) {
    return sorted(
        lookUp(
            selections,
            () -> new HashSet<>(reader.labelNames(selections)),
            (view, found) -> selections.forEach(each -> view.addLabelNames(each, found))));
  }

  /** Values of a label in the series that any of the selections has, sorted bytewise. */
  public List<String> labelValues(String name, List<Selection> selections) {
    return sorted(
        lookUp(
            selections,
            () -> new HashSet<>(reader.labelValues(name, selections)),
            (view, found) -> selections.forEach(each -> view.addLabelValues(name, each, found))));
  }

  private static List<String> sorted(Set<String> strings) {
    List<String> sorted = new ArrayList<>(strings);
    sorted.sort(LabelIndex.BYTEWISE);
    return sorted;
  }

  /** Adds to what the Head has what the blocks have in the same state. */
  private <T> T lookUp(
      List<Selection> selections, Supplier<T> inHead, BiConsumer<BlocksView, T> addBlocks) {
    for (int tries = 1; ; tries++) {
      HeadCapture before = reader.state();
      T found = inHead.get();
      if (!isPresent(before)) {
        if (tries == TRIES_MAX) {
          throw new CaptureOverrun(TRIES_MAX);
        }
        continue;
      }
      Optional<BlocksView> view = blocksOf(before, selections, tries);
      if (view.isPresent()) {
        try (BlocksView open = view.get()) {
          addBlocks.accept(open, found);
        }
        return found;
      }
    }
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
