package io.rafttsdb.node.members;

import io.rafttsdb.replica.Member;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * What other members said of themselves in one exchange.
 *
 * @param states by name; who did not answer is not there
 */
record PeerAnswers(Map<String, NodeProbe.State> states) {

  PeerAnswers {
    states = Map.copyOf(states);
  }

  /** Asks all of some members at once, and waits for their answers. */
  static PeerAnswers ask(NodeProbe probe, List<Member> members) throws InterruptedException {
    Map<String, FutureTask<Optional<NodeProbe.State>>> questions = new HashMap<>();
    for (Member member : members) {
      FutureTask<Optional<NodeProbe.State>> question =
          new FutureTask<>(() -> probe.state(member.httpAddress()));
      questions.put(member.name(), question);
      Thread.ofVirtual().name("ask-" + member.name()).start(question);
    }
    Map<String, NodeProbe.State> states = new HashMap<>();
    for (Map.Entry<String, FutureTask<Optional<NodeProbe.State>>> each : questions.entrySet()) {
      try {
        each.getValue().get().ifPresent(state -> states.put(each.getKey(), state));
      } catch (ExecutionException e) {
        throw new IllegalStateException("asking " + each.getKey(), e.getCause());
      }
    }
    return new PeerAnswers(states);
  }
}
