package io.rafttsdb.replica;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.MethodDescriptor;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.apache.ratis.thirdparty.io.grpc.ServerCall.Listener;
import org.apache.ratis.thirdparty.io.grpc.ServerCallHandler;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.junit.jupiter.api.Test;

/** What comes before all groups run reaches none of them. */
class StartGateTest {

  private static final class Call extends ServerCall<String, String> {
    private final List<Status> ends = new ArrayList<>();

    @Override
    public void request(int messages) {}

    @Override
    public void sendHeaders(Metadata headers) {}

    @Override
    public void sendMessage(String message) {}

    @Override
    public void close(Status status, Metadata trailers) {
      ends.add(status);
    }

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public MethodDescriptor<String, String> getMethodDescriptor() {
      throw new UnsupportedOperationException("nobody asks");
    }
  }

  /** A group that remembers what reached it. */
  private static final class Group implements ServerCallHandler<String, String> {
    private final List<String> messages = new ArrayList<>();

    @Override
    public Listener<String> startCall(ServerCall<String, String> call, Metadata headers) {
      return new Listener<>() {
        @Override
        public void onMessage(String message) {
          messages.add(message);
        }
      };
    }
  }

  private final StartGate gate = new StartGate();
  private final Group group = new Group();

  private Call send(String message) {
    Call call = new Call();
    gate.interceptCall(call, new Metadata(), group).onMessage(message);
    return call;
  }

  @Test
  void whatComesEarlyIsTurnedAwayAndTriedAgain() {
    assertThat(send("early").ends)
        .singleElement()
        .satisfies(end -> {
          assertThat(end.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
          assertThat(end.getDescription()).isEqualTo("this node is starting");
        });
    gate.open();
    assertThat(send("later").ends).isEmpty();
    assertThat(group.messages).containsExactly("later");
  }
}
