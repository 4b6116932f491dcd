package io.rafttsdb.command;

/**
 * Bytes that break their format; {@link CommandCodec} turns it into {@link LogCommand.Malformed}.
 */
final class MalformedBytes extends Exception {
  private static final long serialVersionUID = 1;

  MalformedBytes(String reason) {
    super(reason, null, false, false);
  }
}
