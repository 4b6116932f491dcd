package io.rafttsdb.storage.merge;

import java.io.IOException;

/** Says how it comes out of a cursor that a chunk can't be read. */
@FunctionalInterface
public interface ReadFailure {

  /** The exception to throw. */
  RuntimeException of(IOException problem);
}
