package io.rafttsdb.client;

/** A node understood a read and refused it; the same request would be refused again. */
public final class RequestRefused extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final int status;

  RequestRefused(int status, String message) {
    super("HTTP status " + status + ": " + message);
    this.status = status;
  }

  /** The HTTP status, 4xx. */
  public int status() {
    return status;
  }
}
