package io.rafttsdb.storage.head;

import io.rafttsdb.storage.index.IndexQuery;
import io.rafttsdb.storage.index.Refs;
import io.rafttsdb.storage.model.CaptureOverrun;
import io.rafttsdb.storage.model.HeadStats;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.LimitExceeded;
import io.rafttsdb.storage.model.SealedRange;
import io.rafttsdb.storage.model.Selection;
import io.rafttsdb.storage.model.Settings;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Answers queries from a {@link Head}, each from its state after exactly one log entry. On any
 * thread, many at a time; it never makes the apply thread wait.
 */
public final class HeadReader {

  /** A capture that was overtaken by writes so often gives up. */
  static final int CAPTURE_TRIES_MAX = 64;

  private final Head head;

  public HeadReader(Head head) {
    this.head = head;
  }

  /** A state, and for each selection the series that it had then. */
  private record Captured(HeadState state, List<Refs> refs, List<SeriesCounts> counts) {}

  public long publishedIndex() {
    return head.published().index();
  }

  public @Nullable Settings settings() {
    return head.published().settings();
  }

  public HeadStats stats() {
    return head.published().stats();
  }

  /** Samples before this are in sealed parts or blocks, or nowhere. */
  public long sealedUpToMs() {
    return head.published().sealedUpToMs();
  }

  /** Parts that wait for their blocks, in the order of their sealing. */
  public List<SealedRange> waiting() {
    return head.published().waiting();
  }

  /** Starts of the block ranges of which the Head has samples out of order, ascending. */
  public List<Long> outOfOrderRanges() {
    return head.published().outOfOrderRanges();
  }

  /** Sealed parts in this node's memory: those in order by time, then the others by sealing. */
  public List<SealedPart> parts() {
    return head.published().allParts();
  }

  /**
   * Captures the series of all selections from one state. To be closed: till then their samples can
   * be read.
   *
   * @throws LimitExceeded on more than seriesMax series, those of several selections counted each
   *     time
   * @throws CaptureOverrun where writes overtook it too often
   * @throws io.rafttsdb.storage.model.EngineClosed where the engine was closed
   */
  public HeadCapture select(List<Selection> selections, int seriesMax) {
    ChunkLease lease = head.chunks().lease();
    try {
      return answer(selections, captured -> capture(captured, selections, seriesMax, lease));
    } catch (RuntimeException e) {
      lease.close();
      throw e;
    }
  }

  private static HeadCapture capture(
      Captured captured, List<Selection> selections, int seriesMax, ChunkLease lease) {
    List<List<HeadSeriesView>> result = new ArrayList<>(selections.size());
    int left = seriesMax;
    for (int k = 0; k < selections.size(); k++) {
      List<HeadSeriesView> views = views(captured, k, selections.get(k), lease);
      left -= views.size();
      if (left < 0) {
        throw new LimitExceeded(seriesMax);
      }
      result.add(views);
    }
    return HeadCapture.of(captured.state, result, lease);
  }

  /** The series of a selection, sorted; one that was dropped and came again is one of them. */
  private static List<HeadSeriesView> views(
      Captured captured, int k, Selection selection, ChunkLease lease) {
    SeriesCounts counts = captured.counts.get(k);
    long rangeMs = captured.state.rangeMs();
    List<HeadSeriesView> found = new ArrayList<>();
    for (int i = 0; i < counts.count(); i++) {
      SeriesSlice slice = slice(captured, k, i, selection);
      if (slice != null) {
        found.add(
            new HeadSeriesView(
                List.of(slice), selection.minMs(), selection.maxMs(), rangeMs, lease));
      }
    }
    found.sort(Comparator.comparing(HeadSeriesView::labels)); // equal ones stay in order of refs
    List<HeadSeriesView> views = new ArrayList<>(found.size());
    HeadSeriesView last = null;
    for (HeadSeriesView view : found) {
      if (last != null && view.labels().equals(last.labels())) {
        last = last.and(view);
        views.removeLast();
      } else {
        last = view;
      }
      views.add(last);
    }
    return views;
  }

  /** The newest published state, with nothing of its series. */
  public HeadCapture state() {
    return HeadCapture.of(head.published(), List.of(), ChunkLease.MEMORY);
  }

  private static @Nullable SeriesSlice slice(Captured captured, int k, int i, Selection selection) {
    return captured.counts.get(k).slice(i, selection.minMs(), selection.maxMs(), captured.state);
  }

  /** Label sets of the series that any of the selections has, sorted. */
  public List<Labels> series(List<Selection> selections) {
    return answer(
        selections,
        captured -> {
          TreeSet<Labels> labels = new TreeSet<>();
          for (int k = 0; k < selections.size(); k++) {
            for (int i = 0; i < captured.counts.get(k).count(); i++) {
              SeriesSlice slice = slice(captured, k, i, selections.get(k));
              if (slice != null) {
                labels.add(slice.labels());
              }
            }
          }
          return List.copyOf(labels);
        });
  }

  /** Label names of the series that any of the selections has, sorted. */
  public List<String> labelNames(List<Selection> selections) {
    return answer(
        selections,
        captured ->
            List.copyOf(
                head.index().namesOf(union(captured, selections), captured.state.nextRef())));
  }

  /** Values of a label in the series that any of the selections has, sorted. */
  public List<String> labelValues(String name, List<Selection> selections) {
    return answer(
        selections,
        captured ->
            List.copyOf(
                head.index()
                    .valuesOf(name, union(captured, selections), captured.state.nextRef())));
  }

  private static Refs union(Captured captured, List<Selection> selections) {
    List<Refs> found = new ArrayList<>(selections.size());
    for (int k = 0; k < selections.size(); k++) {
      found.add(captured.refs.get(k).filtered(inRange(captured, k, selections.get(k))));
    }
    return Refs.union(found);
  }

  /** Places of the selected series with chunks that reach into the selection's times. */
  private static BitSet inRange(Captured captured, int k, Selection selection) {
    SeriesCounts counts = captured.counts.get(k);
    BitSet kept = new BitSet(counts.count());
    for (int i = 0; i < counts.count(); i++) {
      kept.set(i, slice(captured, k, i, selection) != null);
    }
    return kept;
  }

  /**
   * Answers from one state. What was sealed may be let go meanwhile, if a later state does without
   * it: the links between chunks severed, series taken from the table and the index. All of that is
   * done after a state that says so (letGo) was published, in the order of the apply thread and
   * with release or by a volatile write; so an answer that met any of it finds such a state at its
   * end, and is made again.
   */
  private <T> T answer(List<Selection> selections, Function<Captured, T> from) {
    for (int tries = 0; tries < CAPTURE_TRIES_MAX; tries++) {
      HeadState state = head.published();
      List<Refs> refs = select(selections, state);
      HeadState later = head.published();
      if (later.nextRef() == state.nextRef() && later.letGo() == state.letGo()) {
        state = later; // the same series; and fewer notes to read
      }
      List<SeriesCounts> counts = counts(refs, state);
      if (counts != null) {
        T answer = from.apply(new Captured(state, refs, counts));
        if (head.published().letGo() == state.letGo()) {
          return answer;
        }
      }
    }
    throw new CaptureOverrun(CAPTURE_TRIES_MAX);
  }

  private List<Refs> select(List<Selection> selections, HeadState state) {
    IndexQuery query = new IndexQuery(head.index(), head::labelsOfAny, state.nextRef());
    return selections.stream().map(selection -> query.select(selection.matchers())).toList();
  }

  private @Nullable List<SeriesCounts> counts(List<Refs> refs, HeadState state) {
    NotesSince notes = new NotesSince(head.ring(), state.ringPosition());
    List<SeriesCounts> all = new ArrayList<>(refs.size());
    for (Refs selected : refs) {
      SeriesCounts counts = new SeriesCounts(head.table(), selected);
      if (!counts.read(notes)) {
        return null;
      }
      all.add(counts);
    }
    for (SeriesCounts counts : all) {
      counts.takeBack(notes);
    }
    return all;
  }
}
