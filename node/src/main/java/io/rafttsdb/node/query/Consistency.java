package io.rafttsdb.node.query;

import java.util.Locale;

/** What a read promises; the parameter {@code consistency}. */
enum Consistency {
  /** Everything acknowledged before the read began is seen. Needs a majority of the nodes. */
  LINEARIZABLE,
  /** What the node that leads, or believes so, has applied. */
  LEADER,
  /** What this node has applied by itself, however old where no bound is given. */
  STALE;

  static Consistency of(String parameter) throws ApiError {
    return switch (parameter) {
      case "", "linearizable" -> LINEARIZABLE;
      case "leader" -> LEADER;
      case "stale" -> STALE;
      default ->
          throw ApiError.badParameter(
              "consistency", "expected linearizable, leader or stale, got \"" + parameter + "\"");
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
