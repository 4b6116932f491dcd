package io.rafttsdb.promql.function;

import io.rafttsdb.promql.ast.ValueType;
import java.util.List;

/**
 * What a function takes and gives.
 *
 * @param optional how many of the last arguments may be left out; {@link #ANY}: the last one may
 *     stand any number of times, or not at all
 */
public record Signature(List<ValueType> arguments, int optional, ValueType result) {

  /** See {@link #optional}. */
  public static final int ANY = -1;

  public Signature {
    arguments = List.copyOf(arguments);
    if (optional < ANY || optional > arguments.size()) {
      throw new IllegalArgumentException(optional + " optional of " + arguments.size());
    }
  }

  public int argumentsMin() {
    return arguments.size() - (optional == ANY ? 1 : optional);
  }

  /** Most arguments that it takes; without a bound {@link Integer#MAX_VALUE}. */
  public int argumentsMax() {
    return optional == ANY ? Integer.MAX_VALUE : arguments.size();
  }

  /** Type of an argument by its place. */
  public ValueType argument(int index) {
    return arguments.get(Math.min(index, arguments.size() - 1));
  }
}
