package io.rafttsdb.storage;

import io.rafttsdb.storage.head.HeadCapture;
import io.rafttsdb.storage.head.HeadReader;
import io.rafttsdb.storage.model.Bytewise;
import io.rafttsdb.storage.model.Capture;
import io.rafttsdb.storage.model.CaptureOverrun;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.LimitExceeded;
import io.rafttsdb.storage.model.MissingBlock;
import io.rafttsdb.storage.model.Selection;
import io.rafttsdb.storage.model.SeriesView;
import io.rafttsdb.storage.part.Blocks;
import io.rafttsdb.storage.part.BlocksView;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/** Answers queries from the Head and the blocks of one state together. On any thread. */
final class ShardReader {

  /** States that a query may find to be past before it gives up; each is replaced by an entry. */
  private static final int TRIES_MAX = 64;

  private final HeadReader head;
  private final Blocks blocks;

  ShardReader(HeadReader head, Blocks blocks) {
    this.head = head;
    this.blocks = blocks;
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
  Capture select(List<Selection> selections, int seriesMax) {
    for (int tries = 1; ; tries++) {
      HeadCapture captured = head.select(selections, seriesMax);
      try {
        Optional<BlocksView> view = blocksOf(captured, selections, tries);
        if (view.isPresent()) {
          return merged(captured, view.get(), selections, seriesMax);
        }
      } catch (RuntimeException e) {
        captured.close();
        throw e;
      }
      captured.close();
    }
  }

  private static Capture merged(
      HeadCapture captured, BlocksView view, List<Selection> selections, int seriesMax) {
    if (view.isEmpty()) {
      List<List<SeriesView>> series = new ArrayList<>(captured.series().size());
      captured.series().forEach(each -> series.add(List.copyOf(each)));
      return new Capture(captured.index(), series, captured::close);
    }
    try {
      List<List<SeriesView>> series = new ArrayList<>(selections.size());
      int left = seriesMax;
      for (int k = 0; k < selections.size(); k++) {
        List<SeriesView> merged = view.merge(selections.get(k), captured.series().get(k), left);
        left -= merged.size();
        series.add(merged);
      }
      return new Capture(
          captured.index(),
          series,
          () -> {
            view.close();
            captured.close();
          });
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
    HeadCapture now = head.state();
    return now.manifest().equals(captured.manifest()) && now.inMemory().equals(captured.inMemory());
  }

  /**
   * Label sets of the series that any of the selections has, sorted, as {@link #select} has them.
   */
  List<Labels> series(List<Selection> selections) {
    return List.copyOf(
        lookUp(
            selections,
            () -> new TreeSet<>(head.series(selections)),
            (view, found) -> selections.forEach(each -> view.addSeries(each, found))));
  }

  /** Label names of the series that any of the selections has, sorted bytewise. */
  List<String> labelNames(List<Selection> selections) {
    return sorted(
        lookUp(
            selections,
            () -> new HashSet<>(head.labelNames(selections)),
            (view, found) -> selections.forEach(each -> view.addLabelNames(each, found))));
  }

  /** Values of a label in the series that any of the selections has, sorted bytewise. */
  List<String> labelValues(String name, List<Selection> selections) {
    return sorted(
        lookUp(
            selections,
            () -> new HashSet<>(head.labelValues(name, selections)),
            (view, found) -> selections.forEach(each -> view.addLabelValues(name, each, found))));
  }

  private static List<String> sorted(Set<String> strings) {
    List<String> sorted = new ArrayList<>(strings);
    sorted.sort(Bytewise.ORDER);
    return sorted;
  }

  /** Adds to what the Head has what the blocks have in the same state. */
  private <T> T lookUp(
      List<Selection> selections, Supplier<T> inHead, BiConsumer<BlocksView, T> addBlocks) {
    for (int tries = 1; ; tries++) {
      HeadCapture before = head.state();
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
}
