package io.rafttsdb.promql.eval;

import io.rafttsdb.promql.ast.Expr;
import io.rafttsdb.promql.ast.NumberText;
import io.rafttsdb.promql.value.Column;
import io.rafttsdb.promql.value.EvaluationError;
import io.rafttsdb.promql.value.SeriesSink;
import io.rafttsdb.storage.model.Labels;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Evaluates topk and bottomk: at each step the k best series of each group. NaN is worse than any
 * number; of equal ones the series whose labels come first is better.
 */
final class TopK {

  private final Evaluator evaluator;
  private final Grouping grouping;
  private final double[] k;
  private final boolean greatest;
  private final Grid grid;

  /**
   * @param k at each step; fractions are cut off
   */
  TopK(Evaluator evaluator, Grouping grouping, double[] k, boolean greatest, Grid grid) {
    this.evaluator = evaluator;
    this.grouping = grouping;
    this.k = k;
    this.greatest = greatest;
    this.grid = grid;
  }

  /**
   * Chooses among an operand's series.
   *
   * @param dropHistograms takes the native histograms out of a column
   */
  void evaluate(Expr operand, Consumer<double[]> dropHistograms, SeriesSink sink) {
    checkParameter();
    List<Series> all = Series.collect(evaluator, operand, grid);
    all.forEach(series -> dropHistograms.accept(series.column));
    all.sort(Comparator.comparing(series -> series.labels));
    Map<Labels, List<Series>> groups = new LinkedHashMap<>();
    for (Series series : all) {
      groups.computeIfAbsent(grouping.key(series.labels), _ -> new ArrayList<>()).add(series);
    }
    Series.release(evaluator, all, grid);
    for (List<Series> group : groups.values()) {
      if (grid.count() == 1) {
        instant(group, sink);
      } else {
        range(group, sink);
      }
    }
  }

  private void checkParameter() {
    for (double count : k) {
      if (Double.isNaN(count)) {
        throw new EvaluationError("Parameter value is NaN");
      }
      if (count <= Long.MIN_VALUE) {
        throw new EvaluationError("Scalar value " + NumberText.plain(count) + " underflows int64");
      }
      if (count >= Long.MAX_VALUE) {
        throw new EvaluationError("Scalar value " + NumberText.plain(count) + " overflows int64");
      }
    }
  }

  /** In order of value, best first. */
  private void instant(List<Series> group, SeriesSink sink) {
    Heap heap = new Heap(group.size());
    choose(group, 0, heap);
    for (int place : heap.bestFirst()) {
      sink.accept(group.get(place).labels, group.get(place).column);
    }
  }

  private void range(List<Series> group, SeriesSink sink) {
    Heap heap = new Heap(group.size());
    double[][] kept = new double[group.size()][];
    for (int place = 0; place < kept.length; place++) {
      kept[place] = Column.empty(grid.count());
    }
    for (int step = 0; step < grid.count(); step++) {
      choose(group, step, heap);
      for (int place : heap.bestFirst()) {
        kept[place][step] = group.get(place).column[step];
      }
      evaluator.budget().work(group.size());
    }
    for (int place = 0; place < kept.length; place++) {
      sink.accept(group.get(place).labels, kept[place]);
    }
  }

  private void choose(List<Series> group, int step, Heap heap) {
    heap.clear((int) Math.clamp((long) k[step], 0L, group.size()));
    for (int place = 0; place < group.size(); place++) {
      double value = group.get(place).column[step];
      if (!Column.isAbsent(value)) {
        heap.offer(place, value);
      }
    }
  }

  /** The best places seen; the worst of them on top, to be pushed out. */
  private final class Heap {
    private final int[] places;
    private final double[] values;
    private int size;
    private int capacity;

    Heap(int capacityMax) {
      places = new int[capacityMax];
      values = new double[capacityMax];
    }

    void clear(int newCapacity) {
      size = 0;
      capacity = newCapacity;
    }

    void offer(int place, double value) {
      if (size < capacity) {
        set(size, place, value);
        up(size++);
      } else if (capacity > 0 && isWorse(values[0], places[0], value, place)) {
        set(0, place, value);
        down(0);
      }
    }

    /** Empties the heap. */
    int[] bestFirst() {
      int[] sorted = new int[size];
      for (int i = size - 1; i >= 0; i--) {
        sorted[i] = places[0];
        size--;
        set(0, places[size], values[size]);
        down(0);
      }
      return sorted;
    }

    private boolean isWorse(double value, int place, double than, int thanPlace) {
      if (Double.isNaN(value) || Double.isNaN(than)) {
        return Double.isNaN(value) && (!Double.isNaN(than) || place > thanPlace);
      }
      if (value == than) {
        return place > thanPlace;
      }
      return greatest ? value < than : value > than;
    }

    private boolean isWorse(int node, int than) {
      return isWorse(values[node], places[node], values[than], places[than]);
    }

    private void set(int node, int place, double value) {
      places[node] = place;
      values[node] = value;
    }

    private void swap(int a, int b) {
      int place = places[a];
      double value = values[a];
      set(a, places[b], values[b]);
      set(b, place, value);
    }

    private void up(int start) {
      int node = start;
      while (node > 0 && isWorse(node, (node - 1) / 2)) {
        swap(node, (node - 1) / 2);
        node = (node - 1) / 2;
      }
    }

    private void down(int start) {
      int node = start;
      while (true) {
        int worst = node;
        for (int child = 2 * node + 1; child <= 2 * node + 2 && child < size; child++) {
          if (isWorse(child, worst)) {
            worst = child;
          }
        }
        if (worst == node) {
          return;
        }
        swap(node, worst);
        node = worst;
      }
    }
  }
}
