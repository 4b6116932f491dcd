package io.rafttsdb.replica;

import org.apache.ratis.proto.RaftProtos.ReadIndexRequestProto;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.thirdparty.io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.apache.ratis.thirdparty.io.grpc.ServerCallHandler;
import org.apache.ratis.thirdparty.io.grpc.ServerInterceptor;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * Lets Ratis answer a follower that asks for the commit index once it is proven that this node
 * leads.
 */
final class ReadIndexGuard implements ServerInterceptor {
  private final ProvingRpc.Proofs proofs;

  ReadIndexGuard(ProvingRpc.Proofs proofs) {
    this.proofs = proofs;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    return new Held<>(call, next.startCall(call, headers));
  }

  /** A call whose end is held back together with its only message. */
  private final class Held<Q, A> extends SimpleForwardingServerCallListener<Q> {
    private final ServerCall<Q, A> call;
    private boolean holds; // guarded by this
    private boolean ended; // guarded by this

    Held(ServerCall<Q, A> call, ServerCall.Listener<Q> next) {
      super(next);
      this.call = call;
    }

    @Override
    public void onMessage(Q message) {
      if (message instanceof ReadIndexRequestProto read) {
        synchronized (this) {
          holds = true;
        }
        RaftGroupId group = RaftGroupId.valueOf(read.getServerRequest().getRaftGroupId().getId());
        var _ = proofs.of(group).prove().whenComplete((nothing, error) -> pass(message, error));
      } else {
        super.onMessage(message);
      }
    }

    private void pass(Q message, @Nullable Throwable error) {
      if (error != null) {
        call.close(Status.UNAVAILABLE.withDescription(error.getMessage()), new Metadata());
        return; // holds what comes
      }
      super.onMessage(message);
      boolean isOver;
      synchronized (this) {
        holds = false;
        isOver = ended;
      }
      if (isOver) {
        super.onHalfClose();
      }
    }

    @Override
    public void onHalfClose() {
      synchronized (this) {
        ended = true;
        if (holds) {
          return;
        }
      }
      super.onHalfClose();
    }
  }
}
