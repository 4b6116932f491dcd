package io.rafttsdb.storage.model;

/**
 * Writes came so fast, or this thread so slowly, that no consistent state could be captured, in
 * several tries. Nothing is wrong with the data; the same query may succeed at once.
 */
public final class CaptureOverrun extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public CaptureOverrun(int tries) {
    super(
        "expected to capture one state of the storage, was overtaken by writes "
            + tries
            + " times; try again");
  }
}
