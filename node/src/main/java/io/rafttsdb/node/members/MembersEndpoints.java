package io.rafttsdb.node.members;

import io.rafttsdb.node.cluster.Bootstrap;
import io.rafttsdb.node.cluster.Identity;
import io.rafttsdb.node.cluster.LeaderCall;
import io.rafttsdb.node.cluster.ReplicaSlot;
import io.rafttsdb.node.config.Address;
import io.rafttsdb.node.config.MemberAddress;
import io.rafttsdb.node.config.PrometheusDuration;
import io.rafttsdb.node.http.HttpReply;
import io.rafttsdb.node.http.HttpRequest;
import io.rafttsdb.node.http.Router;
import io.rafttsdb.replica.Member;
import io.rafttsdb.replica.ShardReplica;
import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who belongs to the cluster, and its changes, on any node: what only the leader can do is passed
 * on to it. docs/http-api.md has the parameters and answers.
 */
public final class MembersEndpoints implements AutoCloseable {

  static final String MEMBERS_PATH = "/api/v1/cluster/members";
  private static final String MEMBER_PATH = "/api/v1/cluster/members/{name}";
  private static final String REPLACE_PATH = "/api/v1/cluster/members/{name}/replace";
  private static final String LEADER_PATH = "/api/v1/cluster/leader";

  private static final Duration WAIT_DEFAULT = Duration.ofSeconds(20);
  private static final Duration WAIT_MAX = Duration.ofSeconds(60);

  /** For a leader beyond what it waits itself. */
  private static final Duration GRACE = Duration.ofSeconds(25);

  private static final Duration NO_LEADER_PAUSE = Duration.ofMillis(200);
  private static final int RAFT_PORT_OFFSET = 1000;

  private final Bootstrap bootstrap;
  private final ReplicaSlot slot;
  private final MembershipChanges changes;
  private final MembersView view;
  private final LeaderCall leaderCall;

  /**
   * Endpoints of a node.
   *
   * @param client for other nodes; closed by whoever made it
   */
  public MembersEndpoints(Bootstrap bootstrap, ReplicaSlot slot, HttpClient client) {
    this.bootstrap = bootstrap;
    this.slot = slot;
    this.changes = new MembershipChanges(client);
    this.view = new MembersView(new NodeProbe(client));
    this.leaderCall = new LeaderCall(client);
  }

  public void register(Router.Builder router) {
    router
        .get(MEMBERS_PATH, this::members)
        .post(MEMBERS_PATH, request -> answer(request, this::add))
        .add("DELETE", MEMBER_PATH, request -> answer(request, this::remove))
        .post(REPLACE_PATH, request -> answer(request, this::replace))
        .post(LEADER_PATH, request -> answer(request, this::moveLeader));
  }

  /** Where a request is handled: on a leader that belongs to a cluster. */
  private record Here(Identity.Joined identity, ShardReplica replica, List<ShardReplica> shards) {
    Member self() {
      String id = identity.name() + "-" + identity.self().incarnation();
      return replica.membership().present().all().stream()
          .filter(member -> member.id().equals(id))
          .findFirst()
          .orElseThrow(() -> new IllegalStateException("the leader " + id + " is no member"));
    }
  }

  @FunctionalInterface
  private interface LeaderAction {
    ChangeResult run(HttpRequest request, Here leader, Duration wait)
        throws BadParameter, InterruptedException;
  }

  private static final class BadParameter extends Exception {
    private static final long serialVersionUID = 1L;

    BadParameter(String message) {
      super(message);
    }
  }

  private @Nullable Here here() {
    return here(slot.replica());
  }

  private @Nullable Here here(Optional<ShardReplica> replica) {
    List<ShardReplica> shards = slot.shards();
    return replica.isPresent()
            && !shards.isEmpty()
            && bootstrap.identity() instanceof Identity.Joined joined
        ? new Here(joined, replica.get(), shards)
        : null;
  }

  private HttpReply members(HttpRequest request) throws IOException, InterruptedException {
    Here here = here();
    if (here == null) {
      return unavailable("this node is not ready: " + slot.notReadyReason());
    }
    if (here.replica.isLeader()) {
      return json(view.full(here.identity, here.shards, changes.text()));
    }
    Member leader = here.replica.leader();
    if ("true".equals(request.parameter("local"))
        || leader == null
        || !LeaderCall.mayPass(request)) {
      return json(view.local(here.identity, here.shards, ""));
    }
    try {
      return leaderCall.pass(request, leader.httpAddress(), GRACE);
    } catch (IOException e) {
      return json(view.local(here.identity, here.shards, ""));
    }
  }

  private static HttpReply json(MembersReport report) throws IOException {
    return HttpReply.of(200, HttpReply.JSON, report.toJson());
  }

  private HttpReply answer(HttpRequest request, LeaderAction action) throws InterruptedException {
    try {
      Duration wait = wait(request);
      long deadline = System.nanoTime() + wait.toNanos();
      while (true) {
        HttpReply reply = tryOnce(request, action, wait);
        if (reply != null) {
          return reply;
        }
        if (System.nanoTime() >= deadline) {
          return unavailable("no leader is known");
        }
        Pause.of(NO_LEADER_PAUSE);
      }
    } catch (BadParameter e) {
      return HttpReply.text(400, String.valueOf(e.getMessage()));
    }
  }

  /** Null while nobody leads, or leadership is just moving. */
  private @Nullable HttpReply tryOnce(HttpRequest request, LeaderAction action, Duration wait)
      throws BadParameter, InterruptedException {
    Here here = request.path().equals(LEADER_PATH) ? here(slot.replica(request)) : here();
    if (here == null) {
      return unavailable("this node is not ready: " + slot.notReadyReason());
    }
    if (here.replica.isLeader()) {
      return reply(action.run(request, here, wait));
    }
    Member leader = here.replica.leader();
    if (leader == null) {
      return null;
    }
    if (!LeaderCall.mayPass(request)) {
      return unavailable("leadership moves; ask again");
    }
    try {
      return leaderCall.pass(request, leader.httpAddress(), wait.plus(GRACE));
    } catch (IOException e) {
      return unavailable("the leader " + leader.name() + " did not answer, it may go on: " + e);
    }
  }

  private static @Nullable HttpReply reply(ChangeResult result) {
    return switch (result) {
      case ChangeResult.Done(String text) -> HttpReply.text(200, text);
      case ChangeResult.Underway(String text) -> HttpReply.text(202, text);
      case ChangeResult.Refused(String text) -> HttpReply.text(409, text);
      case ChangeResult.NoMember(String text) -> HttpReply.text(404, text);
      case ChangeResult.NotNow(String text) -> unavailable(text);
      case ChangeResult.LeaderElsewhere() -> null;
    };
  }

  private static HttpReply unavailable(String reason) {
    return HttpReply.text(503, reason).withHeader("Retry-After", "1");
  }

  private ChangeResult add(HttpRequest request, Here leader, Duration wait)
      throws BadParameter, InterruptedException {
    String name = needed(request, "name");
    Address http = address("http", needed(request, "http"));
    JoinGoal goal = goal(JoinGoal.Kind.ADD, name, http, request.parameter("raft"));
    return changes.join(goal, leader.identity, leader.shards, wait);
  }

  private ChangeResult replace(HttpRequest request, Here leader, Duration wait)
      throws BadParameter, InterruptedException {
    String name = request.segment("name");
    List<Member> lost = leader.replica.membership().present().named(name);
    if (lost.isEmpty()) {
      return new ChangeResult.NoMember("the cluster has no member " + name);
    }
    String http = request.parameter("http");
    String raft = request.parameter("raft");
    JoinGoal goal =
        http == null
            ? goal(
                JoinGoal.Kind.REPLACE,
                name,
                Address.parse(lost.getFirst().httpAddress()),
                raft == null ? lost.getFirst().raftAddress() : raft)
            : goal(JoinGoal.Kind.REPLACE, name, address("http", http), raft);
    return changes.join(goal, leader.identity, leader.shards, wait);
  }

  private ChangeResult remove(HttpRequest request, Here leader, Duration wait)
      throws InterruptedException {
    boolean forced = "true".equals(request.parameter("force"));
    return changes.remove(request.segment("name"), forced, leader.self(), leader.shards);
  }

  private ChangeResult moveLeader(HttpRequest request, Here leader, Duration wait)
      throws InterruptedException {
    return changes.moveLeader(request.parameter("to"), leader.self(), leader.replica, wait);
  }

  private static JoinGoal goal(JoinGoal.Kind kind, String name, Address http, @Nullable String raft)
      throws BadParameter {
    try {
      Address raftAddress =
          raft == null ? http.withPort(http.port() + RAFT_PORT_OFFSET) : address("raft", raft);
      return new JoinGoal(kind, new MemberAddress(name, http, raftAddress));
    } catch (IllegalArgumentException e) {
      throw new BadParameter(String.valueOf(e.getMessage()));
    }
  }

  private static Address address(String name, String text) throws BadParameter {
    try {
      return Address.parse(text);
    } catch (IllegalArgumentException e) {
      throw new BadParameter(name + ": " + e.getMessage());
    }
  }

  private static String needed(HttpRequest request, String name) throws BadParameter {
    String value = request.parameter(name);
    if (value == null || value.isEmpty()) {
      throw new BadParameter("the parameter " + name + " is missing");
    }
    return value;
  }

  private static Duration wait(HttpRequest request) throws BadParameter {
    String text = request.parameter("wait");
    if (text == null) {
      return WAIT_DEFAULT;
    }
    try {
      Duration wait = PrometheusDuration.parse(text);
      return wait.compareTo(WAIT_MAX) < 0 ? wait : WAIT_MAX;
    } catch (IllegalArgumentException e) {
      throw new BadParameter("wait: " + e.getMessage());
    }
  }

  /** Breaks off a change that is under way; the next leader, or the same request, takes it up. */
  @Override
  public void close() {
    changes.close();
  }
}
