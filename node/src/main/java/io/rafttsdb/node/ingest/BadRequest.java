package io.rafttsdb.node.ingest;

/** A request of which nothing can be stored. The message is for the sender. Has no stack trace. */
final class BadRequest extends Exception {
  private static final long serialVersionUID = 1L;

  private final int status;

  private BadRequest(int status, String message) {
    super(message, null, false, false);
    this.status = status;
  }

  /** The body is not what its headers say. */
  static BadRequest malformed(String message) {
    return new BadRequest(400, message);
  }

  static BadRequest tooLarge(long decodedBytes) {
    return new BadRequest(
        413,
        "the request decodes to "
            + decodedBytes
            + " bytes, at most "
            + RequestDecoder.MESSAGE_BYTES_MAX
            + ": send fewer samples at a time");
  }

  static BadRequest unsupported(String message) {
    return new BadRequest(415, message);
  }

  int status() {
    return status;
  }
}
