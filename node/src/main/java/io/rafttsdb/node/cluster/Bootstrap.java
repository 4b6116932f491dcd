package io.rafttsdb.node.cluster;

import io.rafttsdb.node.cluster.Peers.PrepareAnswer;
import io.rafttsdb.node.config.ConfigError;
import io.rafttsdb.node.config.MemberAddress;
import io.rafttsdb.node.config.NodeConfig;
import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Brings a cluster into being, once, and so that a wiped node never takes part by itself (docs/
 * operations.md tells it from outside).
 *
 * <p>The coordinator (the first member) asks <em>every</em> member. Each that is empty draws an
 * incarnation and has it on its disk before it answers. With all of them the coordinator draws the
 * cluster's id and writes the decision: from then on it is joined, and the others find themselves,
 * by their incarnations, in the member list that it (or any joined member) shows. So nothing needs
 * to be sent twice, and a crash at any step is taken up by the next round.
 *
 * <p>Why two clusters can't come of one configuration: a coordinator decides only after every other
 * member has prepared for its attempt, which a joined one refuses, and which gives the rest another
 * incarnation, so that an older attempt's member list no longer names them.
 *
 * <p>Thread-safe: {@link #round} is called by one thread, {@link #prepare} and {@link #identity} by
 * any.
 */
public final class Bootstrap {

  /** What a round came to. */
  public sealed interface Outcome {

    /** The node is a member: Raft can start. */
    record Done(Identity.Joined identity) implements Outcome {}

    /** Not yet; the reason is for a person, the next round may come to something else. */
    record Waiting(String reason) implements Outcome {}
  }

  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(2);

  private final BootstrapPlan plan;
  private final IdentityStore store;
  private final Peers peers;
  private final RandomGenerator random;
  private Identity identity;

  /** What another configured member belongs to, while this node belongs to none. */
  private @Nullable UUID foundCluster;

  Bootstrap(BootstrapPlan plan, IdentityStore store, Peers peers, RandomGenerator random)
      throws IOException, StartRefused {
    this.plan = plan;
    this.store = store;
    this.peers = peers;
    this.random = random;
    this.identity = store.load();
  }

  /**
   * The bootstrap of a node on its data directory, asking the others over HTTP.
   *
   * @throws ConfigError where the directory belongs to a cluster that the configuration does not
   *     fit
   */
  public static Bootstrap of(NodeConfig config, DataDirectory directory, RandomGenerator random)
      throws IOException, StartRefused, ConfigError {
    BootstrapPlan plan = BootstrapPlan.of(config);
    HttpClient client = HttpClient.newBuilder().connectTimeout(CONNECT_LIMIT).build();
    Bootstrap bootstrap = new Bootstrap(plan, directory, new HttpPeers(client), random);
    if (bootstrap.identity() instanceof Identity.Joined joined) {
      String disagreement = plan.disagreement(joined, config);
      if (!disagreement.isEmpty()) {
        throw new ConfigError(disagreement);
      }
    }
    return bootstrap;
  }

  /** This node's name. */
  String name() {
    return plan.name();
  }

  /** The members that the configuration lists. */
  List<MemberAddress> configuredMembers() {
    return plan.members();
  }

  /** What this node is now, as its disk has it. */
  public synchronized Identity identity() {
    return identity;
  }

  /**
   * Takes the next step, as far as the others let it. Asks them over the network: may take long.
   */
  public Outcome round() throws IOException, InterruptedException {
    Identity now = identity();
    if (now instanceof Identity.Joined joined) {
      return new Outcome.Done(joined);
    }
    if (now instanceof Identity.Removed removed) {
      return new Outcome.Waiting(
          "this node was removed from the cluster "
              + removed.clusterId()
              + "; stop it, or give it an empty data directory and add it anew");
    }
    if (plan.joins()) {
      return new Outcome.Waiting(
          "waiting to be added to a cluster: raft-tsdb add-node "
              + plan.name()
              + " --http HOST:PORT --url http://MEMBER:PORT");
    }
    Map<MemberAddress, Identity> answers = new LinkedHashMap<>();
    List<String> silent = new ArrayList<>();
    for (MemberAddress peer : plan.others()) {
      try {
        answers.put(peer, checked(peer, peers.identityOf(peer)));
      } catch (IOException e) {
        silent.add(shown(peer) + " does not answer (" + e.getMessage() + ")");
      }
    }
    for (Map.Entry<MemberAddress, Identity> answer : answers.entrySet()) {
      if (answer.getValue() instanceof Identity.Joined joined) {
        return peerHasJoined(answer.getKey(), joined);
      }
    }
    if (!plan.coordinates()) {
      String why = silent.isEmpty() ? "" : "; " + String.join("; ", silent);
      return new Outcome.Waiting(
          "waiting for " + shown(plan.coordinator()) + " to bring the cluster into being" + why);
    }
    if (!silent.isEmpty()) {
      return new Outcome.Waiting(
          "the cluster comes into being when every member has answered: "
              + String.join("; ", silent));
    }
    return coordinate();
  }

  private static Identity checked(MemberAddress peer, Identity answer) throws IOException {
    if (!answer.name().equals(peer.name())) {
      throw new IOException(
          "the node there says that it is " + answer.name() + "; check its address in members");
    }
    return answer;
  }

  private synchronized Outcome peerHasJoined(MemberAddress peer, Identity.Joined joined)
      throws IOException {
    if (identity instanceof Identity.Prepared prepared
        && joined
            .member(plan.name())
            .filter(self -> self.incarnation().equals(prepared.incarnation()))
            .isPresent()) {
      return new Outcome.Done(save(joined.seenBy(plan.name())));
    }
    foundCluster = joined.clusterId();
    String cluster = shown(peer) + " belongs to the cluster " + joined.clusterId();
    if (joined.member(plan.name()).isPresent()) {
      return new Outcome.Waiting(
          "this node's data directory belongs to no cluster, but "
              + cluster
              + ", which has a member "
              + plan.name()
              + ": its data was lost, and it must not vote as if it remembered; stop it and put"
              + " back its data directory, or have it replaced: raft-tsdb replace-node "
              + plan.name());
    }
    return new Outcome.Waiting(
        "this node's data directory belongs to no cluster, but "
            + cluster
            + ", which has no member "
            + plan.name()
            + "; check members, or have it added: raft-tsdb add-node "
            + plan.name());
  }

  /** Every member has answered that it is not joined. */
  private Outcome coordinate() throws IOException, InterruptedException {
    Identity.Prepared own = ownAttempt();
    PrepareRequest request = new PrepareRequest(own.attempt(), plan.members(), plan.shape());
    Map<String, String> incarnations = new LinkedHashMap<>();
    incarnations.put(own.name(), own.incarnation());
    for (MemberAddress peer : plan.others()) {
      PrepareAnswer answer;
      try {
        answer = peers.prepare(peer, request);
      } catch (IOException e) {
        return new Outcome.Waiting(shown(peer) + " does not answer (" + e.getMessage() + ")");
      }
      switch (answer) {
        case PrepareAnswer.Ready(String incarnation) -> incarnations.put(peer.name(), incarnation);
        case PrepareAnswer.Refused(String reason) -> {
          return new Outcome.Waiting(shown(peer) + " can't take part: " + reason);
        }
      }
    }
    List<ClusterMember> members = new ArrayList<>();
    for (MemberAddress member : plan.members()) {
      String incarnation = incarnations.get(member.name());
      if (incarnation == null) {
        throw new IllegalStateException("no incarnation of " + member.name());
      }
      members.add(new ClusterMember(member, incarnation));
    }
    return decide(own, members);
  }

  private synchronized Outcome decide(Identity.Prepared own, List<ClusterMember> members)
      throws IOException {
    if (!identity.equals(own)) {
      throw new IllegalStateException("identity " + identity + " in the middle of attempt " + own);
    }
    return new Outcome.Done(
        save(new Identity.Joined(RandomIds.cluster(random), plan.name(), plan.shape(), members)));
  }

  /** This coordinator's own promise; an attempt that a crash cut short goes on under its number. */
  private synchronized Identity.Prepared ownAttempt() throws IOException {
    if (identity instanceof Identity.Prepared prepared
        && prepared.attempt().equals(prepared.incarnation())) {
      return prepared;
    }
    String incarnation = incarnation();
    return save(new Identity.Prepared(plan.name(), incarnation, incarnation));
  }

  /** Answers a coordinator; a promise is on disk before it is given. */
  synchronized PrepareAnswer prepare(PrepareRequest request) throws IOException {
    if (identity instanceof Identity.Joined joined) {
      return new PrepareAnswer.Refused("it belongs to the cluster " + joined.clusterId());
    }
    if (identity instanceof Identity.Removed removed) {
      return new PrepareAnswer.Refused("it was removed from the cluster " + removed.clusterId());
    }
    if (plan.joins()) {
      return new PrepareAnswer.Refused("it waits to be added to a cluster that is there (join)");
    }
    String disagreement = plan.disagreement(request);
    if (!disagreement.isEmpty()) {
      return new PrepareAnswer.Refused(disagreement);
    }
    if (plan.coordinates()) {
      return new PrepareAnswer.Refused("it is the coordinator itself; two nodes have its name");
    }
    if (identity instanceof Identity.Prepared prepared
        && prepared.attempt().equals(request.attempt())) {
      return new PrepareAnswer.Ready(prepared.incarnation());
    }
    Identity.Prepared prepared =
        save(new Identity.Prepared(plan.name(), incarnation(), request.attempt()));
    return new PrepareAnswer.Ready(prepared.incarnation());
  }

  /**
   * Answers a leader that wants this node in its cluster. What it becomes is on disk before it says
   * so; asked again it says the same.
   */
  synchronized PrepareAnswer accept(Invitation invitation) throws IOException {
    if (identity instanceof Identity.Joined joined) {
      return joined.clusterId().equals(invitation.clusterId())
          ? new PrepareAnswer.Ready(joined.self().incarnation())
          : new PrepareAnswer.Refused("it belongs to the cluster " + joined.clusterId());
    }
    if (identity instanceof Identity.Removed removed) {
      return new PrepareAnswer.Refused(
          "it was removed from the cluster "
              + removed.clusterId()
              + "; stop it and give it an empty data directory first");
    }
    if (!invitation.node().name().equals(plan.name())) {
      return new PrepareAnswer.Refused("it is called " + plan.name());
    }
    if (!plan.joins() && !invitation.clusterId().equals(foundCluster)) {
      return new PrepareAnswer.Refused(
          "it was started to bring a cluster into being; set join = true in its configuration");
    }
    String incarnation = incarnation();
    List<ClusterMember> members = new ArrayList<>(invitation.members());
    members.removeIf(member -> member.name().equals(plan.name()));
    members.add(new ClusterMember(invitation.node(), incarnation));
    save(
        new Identity.Joined(
            invitation.clusterId(),
            plan.name(),
            invitation.shape(),
            members,
            Identity.Origin.ADDED));
    return new PrepareAnswer.Ready(incarnation);
  }

  /** The cluster has this node no more: from now on it starts no Raft. */
  public synchronized void leave() throws IOException {
    if (identity instanceof Identity.Joined joined) {
      save(new Identity.Removed(joined.clusterId(), joined.name(), joined.self().incarnation()));
    }
  }

  private <T extends Identity> T save(T next) throws IOException {
    store.save(next);
    identity = next;
    return next;
  }

  private String incarnation() {
    return RandomIds.incarnation(random);
  }

  private static String shown(MemberAddress member) {
    return member.name() + " at " + member.http();
  }
}
