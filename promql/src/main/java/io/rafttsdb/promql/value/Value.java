package io.rafttsdb.promql.value;

import io.rafttsdb.storage.model.Labels;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a query answers with. Times are milliseconds since 1970. */
public sealed interface Value {

  record Scalar(long timeMs, double value) implements Value {}

  record StringValue(long timeMs, String value) implements Value {}

  /** The series of an instant query in their order, all at one time. */
  record Vector(long timeMs, List<Element> elements) implements Value {
    public Vector {
      elements = List.copyOf(elements);
    }
  }

  /**
   * One series' value.
   *
   * @param value NaN where it is a histogram
   */
  record Element(Labels labels, double value, @Nullable Histogram histogram) {
    public Element(Labels labels, double value) {
      this(labels, value, null);
    }
  }

  /** Series with their points, sorted by labels. */
  record Matrix(List<Points> series) implements Value {
    public Matrix {
      series = List.copyOf(series);
    }
  }
}
