package io.rafttsdb.client;

import java.util.Locale;

/** What a read promises. */
public enum Consistency {
  /** Everything acknowledged before the read began is seen. Needs a majority. */
  LINEARIZABLE,
  /** What the asked node has applied by itself, however old. */
  STALE;

  /** As the URL parameter {@code consistency} names it. */
  String parameter() {
    return name().toLowerCase(Locale.ROOT);
  }
}
