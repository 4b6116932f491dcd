package io.rafttsdb.storage.part;

import io.rafttsdb.storage.block.Block;
import io.rafttsdb.storage.block.ChunkSeries;
import io.rafttsdb.storage.block.Lease;
import io.rafttsdb.storage.head.HeadSeriesView;
import io.rafttsdb.storage.manifest.BlockDelete;
import io.rafttsdb.storage.manifest.Manifest;
import io.rafttsdb.storage.manifest.ManifestPart;
import io.rafttsdb.storage.manifest.ManifestPart.Parent;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.LimitExceeded;
import io.rafttsdb.storage.model.MissingBlock;
import io.rafttsdb.storage.model.Selection;
import io.rafttsdb.storage.model.SeriesView;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The blocks of a manifest as one query reads them: leased until it is closed, with the deletes
 * that each bears. A block that this node has not built yet is answered by its parents, each from
 * memory or from its block.
 *
 * <p>For one thread at a time; what it hands out may be read on any thread until it is closed.
 */
public final class BlocksView implements AutoCloseable {

  /** A leased block. */
  private record Member(Blocks store, Lease lease, PartDeletes deletes, int rank) {

    /** What a query says that could not read it; the keeper of the blocks hears of it too. */
    MissingBlock unreadable(IOException cause) {
      store.unreadable(lease.block(), cause);
      MissingBlock missing =
          new MissingBlock(lease.block().meta().ulid(), String.valueOf(cause.getMessage()));
      missing.initCause(cause);
      return missing;
    }
  }

  /** By part and parent, which of two samples with one time is seen: that of the lower one. */
  private final Map<Ulid, Integer> ranks = new HashMap<>();

  private final List<Member> members = new ArrayList<>();

  private BlocksView() {}

  /**
   * The blocks that reach into a time range.
   *
   * @param inMemory parts that are read from memory
   * @param minMs start of the range, inclusive
   * @param maxMs end of the range, inclusive
   * @throws MissingBlock where neither a block nor what stands in for it is here
   */
  public static BlocksView of(
      Manifest manifest, Set<Ulid> inMemory, Blocks store, long minMs, long maxMs) {
    BlocksView view = new BlocksView();
    try {
      for (ManifestPart part : manifest.parts()) {
        boolean isAsked =
            part.minMs() <= maxMs && minMs < part.endMs() && !inMemory.contains(part.ulid());
        Optional<Lease> own = isAsked ? store.acquire(part.ulid()) : Optional.empty();
        view.rank(part, own.isPresent());
        if (own.isPresent()) {
          view.add(store, own.get(), manifest.deletesOf(part), part.ulid());
        } else if (isAsked) {
          view.addParents(part, manifest.deletesOf(part), inMemory, store);
        }
      }
      return view;
    } catch (MissingBlock e) {
      view.close();
      throw e;
    }
  }

  /** Ranks a part among all; its block has all that a parent in memory has, and comes first. */
  private void rank(ManifestPart part, boolean isHere) {
    if (isHere) {
      ranks.put(part.ulid(), ranks.size());
    }
    part.parents().forEach(parent -> ranks.put(parent.ulid(), ranks.size()));
    ranks.putIfAbsent(part.ulid(), ranks.size());
  }

  private void add(Blocks store, Lease lease, List<BlockDelete> deletes, Ulid ulid) {
    members.add(new Member(store, lease, new PartDeletes(deletes), rankOf(ulid)));
  }

  private void addParents(
      ManifestPart part, List<BlockDelete> borne, Set<Ulid> inMemory, Blocks store) {
    if (part.parents().isEmpty()) {
      throw new MissingBlock(part.ulid(), "it is not in the data directory");
    }
    for (Parent parent : part.parents()) {
      if (!inMemory.contains(parent.ulid())) {
        Lease lease =
            store
                .acquire(parent.ulid())
                .orElseThrow(() -> new MissingBlock(part.ulid(), "it is not built yet"));
        List<BlockDelete> deletes = new ArrayList<>(parent.carriedOut());
        deletes.addAll(borne);
        add(store, lease, deletes, parent.ulid());
      }
    }
  }

  private int rankOf(Ulid ulid) {
    return ranks.getOrDefault(ulid, Integer.MAX_VALUE);
  }

  public boolean isEmpty() {
    return members.isEmpty();
  }

  /**
   * The selected series of the Head and of the blocks as one, sorted by labels.
   *
   * @param head sorted by labels
   * @param seriesMax series of each part at the most
   * @throws MissingBlock where a block can't be read
   * @throws LimitExceeded on more series than that
   */
  public List<SeriesView> merge(Selection selection, List<HeadSeriesView> head, int seriesMax) {
    List<MergedSeries.BlockPart> blocks = new ArrayList<>(members.size());
    for (Member member : members) {
      List<ChunkSeries> series =
          read(
              member,
              block ->
                  member.deletes.over(
                      block.select(
                          selection.matchers(), selection.minMs(), selection.maxMs(), seriesMax)));
      blocks.add(new MergedSeries.BlockPart(member.rank, series, member::unreadable));
    }
    List<SeriesView> merged = MergedSeries.merge(selection, head, blocks, this::rankOf);
    if (merged.size() > seriesMax) {
      throw new LimitExceeded(seriesMax);
    }
    return merged;
  }

  /** Adds the label sets of the selected series. */
  public void addSeries(Selection selection, Set<Labels> to) {
    for (Member member : members) {
      select(member, selection).forEach(series -> to.add(series.labels()));
    }
  }

  /** Adds the label names of the selected series. */
  public void addLabelNames(Selection selection, Set<String> to) {
    for (Member member : members) {
      if (member.deletes.deletes().isEmpty()) {
        to.addAll(
            read(
                member,
                block ->
                    block.labelNames(selection.matchers(), selection.minMs(), selection.maxMs())));
      } else {
        select(member, selection)
            .forEach(series -> series.labels().forEach((name, value) -> to.add(name)));
      }
    }
  }

  /** Adds the values of a label in the selected series. */
  public void addLabelValues(String name, Selection selection, Set<String> to) {
    for (Member member : members) {
      if (member.deletes.deletes().isEmpty()) {
        to.addAll(
            read(
                member,
                block ->
                    block.labelValues(
                        name, selection.matchers(), selection.minMs(), selection.maxMs())));
      } else {
        for (ChunkSeries series : select(member, selection)) {
          String value = series.labels().get(name);
          if (!value.isEmpty()) {
            to.add(value);
          }
        }
      }
    }
  }

  private static List<ChunkSeries> select(Member member, Selection selection) {
    return read(
        member,
        block ->
            member.deletes.over(
                block.select(
                    selection.matchers(),
                    selection.minMs(),
                    selection.maxMs(),
                    Integer.MAX_VALUE)));
  }

  /** Reads a block. */
  @FunctionalInterface
  private interface Reading<T> {
    T of(Block block) throws IOException;
  }

  private static <T> T read(Member member, Reading<T> reading) {
    try {
      return reading.of(member.lease.block());
    } catch (IOException e) {
      throw member.unreadable(e);
    }
  }

  /** Gives the leases back. */
  @Override
  public void close() {
    members.forEach(member -> member.lease.close());
    members.clear();
  }
}
