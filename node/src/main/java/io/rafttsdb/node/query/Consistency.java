package io.rafttsdb.node.query;

/** What a read promises; the parameter {@code consistency}. */
enum Consistency {
  /** Everything acknowledged before the read began is seen. Needs a majority of the nodes. */
  LINEARIZABLE,
  /** What this node has applied by itself, however old. */
  STALE;

  static Consistency of(String parameter) throws ApiError {
    return switch (parameter) {
      case "", "linearizable" -> LINEARIZABLE;
      case "stale" -> STALE;
      default ->
          throw ApiError.badParameter(
              "consistency", "expected linearizable or stale, got \"" + parameter + "\"");
    };
  }
}
