package io.rafttsdb.node.query;

import org.jspecify.annotations.Nullable;

/** Why a read is answered by an error. The message is for the user. Has no stack trace. */
final class ApiError extends Exception {
  private static final long serialVersionUID = 1L;

  /** Prometheus's kinds of errors with their status codes. */
  enum Type {
    BAD_DATA("bad_data", 400),
    EXECUTION("execution", 422),
    CANCELED("canceled", 499),
    TIMEOUT("timeout", 503),
    /** This node can't answer now; the same request may be sent again, here or elsewhere. */
    UNAVAILABLE("unavailable", 503),
    INTERNAL("internal", 500);

    private final String text;
    private final int status;

    Type(String text, int status) {
      this.text = text;
      this.status = status;
    }

    /** The value of {@code errorType} in the answer. */
    String text() {
      return text;
    }

    int status() {
      return status;
    }
  }

  private final Type type;

  ApiError(Type type, @Nullable String message) {
    super(message, null, false, false);
    this.type = type;
  }

  /** What is wrong with the value of a parameter, in Prometheus's form. */
  static ApiError badParameter(String name, @Nullable String problem) {
    return new ApiError(Type.BAD_DATA, "invalid parameter \"" + name + "\": " + problem);
  }

  Type type() {
    return type;
  }
}
