package io.rafttsdb.node.cluster;

import io.rafttsdb.node.cluster.CheckedText.Malformed;
import io.rafttsdb.node.cluster.Peers.PrepareAnswer;
import io.rafttsdb.node.http.HttpReply;
import io.rafttsdb.node.http.HttpRequest;
import io.rafttsdb.node.http.Router;
import java.io.IOException;

/**
 * What nodes ask of each other during the bootstrap:
 *
 * <ul>
 *   <li>{@code GET /api/v1/cluster/bootstrap/identity}: the node's identity
 *   <li>{@code POST /api/v1/cluster/bootstrap/prepare}: 200 with its identity, prepared for the
 *       asked attempt; 409 with the reason where it can't take part
 *   <li>{@code POST /api/v1/cluster/bootstrap/invitation}: 200 with its identity, joined to the
 *       cluster that invites it; 409 with the reason where it does not come
 * </ul>
 */
public final class BootstrapEndpoints {

  static final String IDENTITY_PATH = "/api/v1/cluster/bootstrap/identity";
  static final String PREPARE_PATH = "/api/v1/cluster/bootstrap/prepare";
  static final String INVITATION_PATH = "/api/v1/cluster/bootstrap/invitation";

  private final Bootstrap bootstrap;

  public BootstrapEndpoints(Bootstrap bootstrap) {
    this.bootstrap = bootstrap;
  }

  public void register(Router.Builder router) {
    router
        .get(IDENTITY_PATH, request -> identity())
        .post(PREPARE_PATH, this::prepare)
        .post(INVITATION_PATH, this::invitation);
  }

  private HttpReply identity() {
    return HttpReply.of(200, HttpReply.TEXT, IdentityText.encode(bootstrap.identity()));
  }

  private HttpReply invitation(HttpRequest request) throws IOException {
    Invitation invitation;
    try {
      invitation = Invitation.decode(request.body());
    } catch (Malformed e) {
      return HttpReply.text(400, "the invitation " + e.getMessage());
    }
    return bootstrap.accept(invitation) instanceof PrepareAnswer.Refused(String reason)
        ? HttpReply.text(409, reason)
        : identity();
  }

  private HttpReply prepare(HttpRequest request) throws IOException {
    PrepareRequest asked;
    try {
      asked = PrepareRequest.decode(request.body());
    } catch (Malformed e) {
      return HttpReply.text(400, "the request " + e.getMessage());
    }
    return switch (bootstrap.prepare(asked)) {
      case PrepareAnswer.Refused(String reason) -> HttpReply.text(409, reason);
      case PrepareAnswer.Ready(String incarnation) ->
          HttpReply.of(
              200,
              HttpReply.TEXT,
              IdentityText.encode(
                  new Identity.Prepared(bootstrap.name(), incarnation, asked.attempt())));
    };
  }
}
