package io.rafttsdb.replica;

import io.rafttsdb.command.CommandCodec;
import io.rafttsdb.command.LogCommand;
import java.util.List;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.jspecify.annotations.Nullable;

/**
 * An entry that this node submits as leader: the message to Ratis, and the context that comes back
 * with the transaction, so that the leader's apply need not decode and each request gets its own
 * result. The batches and bytes belong to it until it is applied.
 */
final class RaftEntry implements Message {
  private final ByteString content;
  private final @Nullable LogCommand command;
  private volatile boolean appended;
  private volatile @Nullable AppliedEntry applied;

  private RaftEntry(byte[] bytes, @Nullable LogCommand command) {
    this.content = UnsafeByteOperations.unsafeWrap(bytes);
    this.command = command;
  }

  static RaftEntry join(List<PendingAppend> requests) {
    return new RaftEntry(
        CommandCodec.joinRequests(requests.stream().map(PendingAppend::encoded).toList()),
        new LogCommand.Append(requests.stream().map(PendingAppend::batch).toList()));
  }

  static RaftEntry of(LogCommand command) {
    return new RaftEntry(CommandCodec.encode(command), command);
  }

  /** Bytes of which this node knows nothing, as though another program had written them. */
  static RaftEntry ofBytes(byte[] bytes) {
    return new RaftEntry(bytes, null);
  }

  @Override
  public ByteString getContent() {
    return content;
  }

  /** What the bytes say, or null where they have to be decoded. */
  @Nullable LogCommand command() {
    return command;
  }

  /** From now on the entry may become committed, whatever the answer. */
  void markAppended() {
    appended = true;
  }

  boolean appended() {
    return appended;
  }

  /** Set by apply before the answer. */
  void setApplied(AppliedEntry result) {
    applied = result;
  }

  /** What apply made of it; null before, and where another node applied it. */
  @Nullable AppliedEntry applied() {
    return applied;
  }
}
