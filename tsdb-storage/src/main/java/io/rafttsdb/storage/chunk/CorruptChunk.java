package io.rafttsdb.storage.chunk;

/** The bytes of a chunk can't be samples; the message says which sample and where. */
public final class CorruptChunk extends RuntimeException {

  private static final long serialVersionUID = 1L;

  CorruptChunk(String message) {
    super(message);
  }
}
