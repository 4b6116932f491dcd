package io.rafttsdb.node.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rafttsdb.node.http.HttpReply;
import io.rafttsdb.node.query.ReadToken;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * One answer to a request whose parts were written to several shards: the one by which the sender
 * does right by every part. Whatever was not stored for now is sent again as a whole, since a
 * repeat of what is stored changes nothing; whatever was refused for good is told.
 */
final class JoinedReply {

  private JoinedReply() {}

  /**
   * Joins the answers.
   *
   * @param replies of the shards that have a part, at least one
   */
  static HttpReply of(UUID clusterId, List<HttpReply> replies) {
    List<String> tokens = new ArrayList<>();
    List<String> unavailable = new ArrayList<>();
    List<String> refusals = new ArrayList<>();
    HttpReply worst = HttpReply.noContent();
    for (HttpReply reply : replies) {
      String token = reply.headers().get(ReadToken.HEADER);
      if (token != null) {
        tokens.add(token);
      }
      if (reply.status() / 100 == 5) {
        unavailable.add(text(reply));
      } else if (reply.status() == 400) {
        refusals.add(Refusals.withoutEnd(text(reply)));
      } else if (reply.status() / 100 != 2) {
        worst = reply;
      }
    }
    if (!unavailable.isEmpty()) {
      return WriteEndpoint.unavailable(String.join("\n", unavailable.stream().distinct().toList()));
    }
    if (worst.status() == 204 && !refusals.isEmpty()) {
      worst = HttpReply.text(400, String.join("\n", refusals) + "\n" + Refusals.END);
    }
    return tokens.isEmpty()
        ? worst
        : worst.withHeader(ReadToken.HEADER, ReadToken.joined(clusterId, tokens).toString());
  }

  private static String text(HttpReply reply) {
    return reply.body() instanceof HttpReply.Bytes(byte[] bytes)
        ? new String(bytes, UTF_8).strip()
        : "";
  }
}
