package io.rafttsdb.promql.value;

import io.rafttsdb.storage.model.Labels;
import java.util.List;

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

  record Element(Labels labels, double value) {}

  /** Series with their points, sorted by labels. */
  record Matrix(List<Points> series) implements Value {
    public Matrix {
      series = List.copyOf(series);
    }
  }
}
