package io.rafttsdb.node.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rafttsdb.node.cluster.CheckedText.Malformed;
import io.rafttsdb.node.config.MemberAddress;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;

/** Asks other nodes by the endpoints of {@link BootstrapEndpoints}. */
final class HttpPeers implements Peers {

  /** Limit of one question and its answer, the connection included. */
  static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);

  private static final int NOT_FOUND = 404;
  private static final int CONFLICT = 409;
  private static final int OK = 200;

  private final HttpClient client;

  /**
   * @param client whose own limit of time holds for connections
   */
  HttpPeers(HttpClient client) {
    this.client = client;
  }

  @Override
  public Identity identityOf(MemberAddress member) throws IOException, InterruptedException {
    HttpResponse<byte[]> response =
        send(HttpRequest.newBuilder(uri(member, BootstrapEndpoints.IDENTITY_PATH)).GET());
    return identity(checked(response));
  }

  @Override
  public PrepareAnswer prepare(MemberAddress member, PrepareRequest request)
      throws IOException, InterruptedException {
    HttpResponse<byte[]> response =
        send(
            HttpRequest.newBuilder(uri(member, BootstrapEndpoints.PREPARE_PATH))
                .POST(HttpRequest.BodyPublishers.ofByteArray(request.encode())));
    if (response.statusCode() == CONFLICT) {
      return new PrepareAnswer.Refused(new String(response.body(), UTF_8).strip());
    }
    if (identity(checked(response)) instanceof Identity.Prepared prepared
        && prepared.attempt().equals(request.attempt())
        && prepared.name().equals(member.name())) {
      return new PrepareAnswer.Ready(prepared.incarnation());
    }
    throw new IOException("answered with something else than its promise");
  }

  /**
   * Asks a node to become a member.
   *
   * @return {@code Ready} with the incarnation under which it comes
   */
  PrepareAnswer invite(Invitation invitation) throws IOException, InterruptedException {
    HttpResponse<byte[]> response =
        send(
            HttpRequest.newBuilder(uri(invitation.node(), BootstrapEndpoints.INVITATION_PATH))
                .POST(HttpRequest.BodyPublishers.ofByteArray(invitation.encode())));
    if (response.statusCode() == CONFLICT) {
      return new PrepareAnswer.Refused(new String(response.body(), UTF_8).strip());
    }
    if (identity(checked(response)) instanceof Identity.Joined joined
        && joined.clusterId().equals(invitation.clusterId())
        && joined.name().equals(invitation.node().name())) {
      return new PrepareAnswer.Ready(joined.self().incarnation());
    }
    throw new IOException("answered with something else than its membership");
  }

  private static URI uri(MemberAddress member, String path) {
    return URI.create("http://" + member.http() + path);
  }

  private HttpResponse<byte[]> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    try {
      return client.send(
          request.timeout(ANSWER_LIMIT).build(),
          BodyHandlers.limiting(BodyHandlers.ofByteArray(), CheckedText.BYTES_MAX));
    } catch (IOException e) {
      throw new IOException(shown(e), e);
    }
  }

  /** The JDK's client often leaves the message out. */
  private static String shown(IOException failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnresolvedAddressException) {
        return "its host name can't be resolved";
      }
    }
    String message = failure.getMessage();
    if (message != null) {
      return message;
    }
    return failure instanceof ConnectException ? "connection refused" : failure.toString();
  }

  private static byte[] checked(HttpResponse<byte[]> response) throws IOException {
    if (response.statusCode() == NOT_FOUND) {
      throw new IOException("what listens there is no raft-tsdb node");
    }
    if (response.statusCode() != OK) {
      throw new IOException(
          response.statusCode() + ": " + new String(response.body(), UTF_8).strip());
    }
    return response.body();
  }

  private static Identity identity(byte[] body) throws IOException {
    try {
      return IdentityText.decode(body);
    } catch (Malformed e) {
      throw new IOException("its answer " + e.getMessage(), e);
    }
  }
}
