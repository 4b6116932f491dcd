package io.rafttsdb.replica;

import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.apache.ratis.thirdparty.io.grpc.ServerCallHandler;
import org.apache.ratis.thirdparty.io.grpc.ServerInterceptor;
import org.apache.ratis.thirdparty.io.grpc.Status;

/**
 * Turns away what other members send before all groups of this process run. Ratis listens first and
 * hands a message to a group that is just being started, whose start then fails. Who is turned away
 * tries again, as with a node that does not listen yet.
 */
final class StartGate implements ServerInterceptor {
  private volatile boolean isOpen;

  /** From now on everything passes. */
  void open() {
    isOpen = true;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (isOpen) {
      return next.startCall(call, headers);
    }
    call.close(Status.UNAVAILABLE.withDescription("this node is starting"), new Metadata());
    return new ServerCall.Listener<>() {};
  }
}
