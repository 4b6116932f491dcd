package io.rafttsdb.storage.index;

import io.rafttsdb.storage.model.Labels;

/**
 * What a query needs of an index. Two implementations: the Head's, up to a ref, and a block's. On
 * any thread. What can't be read comes out as {@link java.io.UncheckedIOException}.
 */
interface PostingsSource {

  /** All series. */
  Refs all();

  /** Series with this value of a label. */
  Refs series(String name, String value);

  /** Series with a value of a label that fulfils a condition. */
  Refs series(String name, ValueTest test);

  /** How many values a label has. */
  int valueCount(String name);

  /** Labels of one of the series. */
  Labels labelsOf(long ref);
}
