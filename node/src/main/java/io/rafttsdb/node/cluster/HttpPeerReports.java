package io.rafttsdb.node.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rafttsdb.replica.Member;
import io.rafttsdb.replica.PeerReports;
import io.rafttsdb.replica.check.CheckReport;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;

/** Asks other nodes by {@link BlocksEndpoint} and {@link CheckEndpoint}. */
public final class HttpPeerReports implements PeerReports {

  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(2);
  private static final int ANSWER_BYTES_MAX = 4 << 20;

  private final HttpClient client;
  private final int shard;

  /** Asks of a shard, by this client, whose time to connect is its maker's matter. */
  public HttpPeerReports(HttpClient client, int shard) {
    this.client = client;
    this.shard = shard;
  }

  @Override
  public Map<Ulid, BlockFacts> builtBlocks(Member peer) throws IOException, InterruptedException {
    return BuiltBlocksText.decode(new String(ask(peer, BlocksEndpoint.BUILT_PATH).body(), UTF_8));
  }

  @Override
  public int knownVersion(Member peer) throws IOException, InterruptedException {
    String version =
        ask(peer, BlocksEndpoint.BUILT_PATH)
            .headers()
            .firstValue(BlocksEndpoint.VERSION_HEADER)
            .orElse("0");
    try {
      return Integer.parseInt(version);
    } catch (NumberFormatException e) {
      throw new IOException(peer.name() + " knows version \"" + version + "\"", e);
    }
  }

  @Override
  public CheckReport checkReport(Member peer) throws IOException, InterruptedException {
    try {
      return CheckReportText.decode(ask(peer, CheckEndpoint.PATH).body());
    } catch (CheckedText.Malformed e) {
      throw new IOException("the answer of " + peer.name() + " " + e.getMessage(), e);
    }
  }

  private HttpResponse<byte[]> ask(Member peer, String path)
      throws IOException, InterruptedException {
    URI uri =
        URI.create(
            "http://"
                + peer.httpAddress()
                + path
                + "?"
                + ReplicaSlot.SHARD_PARAMETER
                + "="
                + shard);
    HttpResponse<byte[]> response =
        client.send(
            HttpRequest.newBuilder(uri).timeout(ANSWER_LIMIT).build(),
            BodyHandlers.limiting(BodyHandlers.ofByteArray(), ANSWER_BYTES_MAX));
    if (response.statusCode() != 200) {
      throw new IOException(
          peer.name() + " answers " + uri.getPath() + " with " + response.statusCode());
    }
    return response;
  }
}
