package io.rafttsdb.storage.head;

import io.rafttsdb.storage.index.IndexQuery;
import io.rafttsdb.storage.index.Refs;
import io.rafttsdb.storage.model.Capture;
import io.rafttsdb.storage.model.CaptureOverrun;
import io.rafttsdb.storage.model.HeadStats;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.LimitExceeded;
import io.rafttsdb.storage.model.Selection;
import io.rafttsdb.storage.model.SeriesView;
import io.rafttsdb.storage.model.Settings;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
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

  /**
   * Captures the series of all selections from one state.
   *
   * @throws LimitExceeded on more than seriesMax series, those of several selections counted each
   *     time
   * @throws CaptureOverrun where writes overtook it too often
   */
  public Capture select(List<Selection> selections, int seriesMax) {
    Captured captured = capture(selections);
    List<List<SeriesView>> result = new ArrayList<>(selections.size());
    int left = seriesMax;
    for (int k = 0; k < selections.size(); k++) {
      Selection selection = selections.get(k);
      SeriesCounts counts = captured.counts.get(k);
      List<SeriesView> views = new ArrayList<>();
      for (int i = 0; i < counts.count(); i++) {
        ChunkPart parts = counts.parts(i, selection.minMs(), selection.maxMs());
        if (parts != null) {
          if (left == 0) {
            throw new LimitExceeded(seriesMax);
          }
          left--;
          views.add(
              new HeadSeriesView(
                  counts.series(i).labels, parts, selection.minMs(), selection.maxMs()));
        }
      }
      views.sort(Comparator.comparing(SeriesView::labels));
      result.add(views);
    }
    return new Capture(captured.state.index(), result);
  }

  /** Label sets of the series that any of the selections has, sorted. */
  public List<Labels> series(List<Selection> selections) {
    Found found = find(selections);
    List<Labels> labels = new ArrayList<>(found.series.count());
    for (int i = 0; i < found.series.count(); i++) {
      labels.add(head.table().series(found.series.get(i)).labels);
    }
    labels.sort(null);
    return labels;
  }

  /** Label names of the series that any of the selections has, sorted. */
  public List<String> labelNames(List<Selection> selections) {
    Found found = find(selections);
    return List.copyOf(head.index().namesOf(found.series, found.state.nextRef()));
  }

  /** Values of a label in the series that any of the selections has, sorted. */
  public List<String> labelValues(String name, List<Selection> selections) {
    Found found = find(selections);
    return List.copyOf(head.index().valuesOf(name, found.series, found.state.nextRef()));
  }

  /** A state, and the series that any of the selections had then. */
  private record Found(HeadState state, Refs series) {}

  private Found find(List<Selection> selections) {
    Captured captured = capture(selections);
    List<Refs> inRange = new ArrayList<>(selections.size());
    for (int k = 0; k < selections.size(); k++) {
      Selection selection = selections.get(k);
      SeriesCounts counts = captured.counts.get(k);
      BitSet kept = new BitSet(counts.count());
      for (int i = 0; i < counts.count(); i++) {
        kept.set(i, counts.parts(i, selection.minMs(), selection.maxMs()) != null);
      }
      inRange.add(captured.refs.get(k).filtered(kept));
    }
    return new Found(captured.state, Refs.union(inRange));
  }

  private Captured capture(List<Selection> selections) {
    for (int tries = 0; tries < CAPTURE_TRIES_MAX; tries++) {
      HeadState state = head.published();
      List<Refs> refs = select(selections, state);
      HeadState later = head.published();
      if (later.nextRef() == state.nextRef()) {
        state = later; // the same series; and fewer notes to read
      }
      List<SeriesCounts> counts = counts(refs, state);
      if (counts != null) {
        return new Captured(state, refs, counts);
      }
    }
    throw new CaptureOverrun(CAPTURE_TRIES_MAX);
  }

  private List<Refs> select(List<Selection> selections, HeadState state) {
    IndexQuery query =
        new IndexQuery(head.index(), ref -> head.table().series(ref).labels, state.nextRef());
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
