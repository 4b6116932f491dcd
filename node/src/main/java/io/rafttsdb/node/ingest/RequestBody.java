package io.rafttsdb.node.ingest;

/**
 * A remote write request 1.0.
 *
 * @param bytes nobody writes to them any more
 */
@SuppressWarnings("ArrayRecordComponent") // handed through, never compared
record RequestBody(byte[] bytes, Form form) {

  /** What the bytes are. */
  enum Form {
    /** A snappy block with the message. */
    SNAPPY,
    /** The message itself. */
    PLAIN
  }

  static RequestBody snappy(byte[] bytes) {
    return new RequestBody(bytes, Form.SNAPPY);
  }
}
