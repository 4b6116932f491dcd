package io.rafttsdb.node.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rafttsdb.replica.Member;
import io.rafttsdb.replica.SnapshotSource;
import io.rafttsdb.replica.disk.SnapshotManifest;
import io.rafttsdb.storage.model.BlockFile;
import io.rafttsdb.storage.model.Ulid;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.time.Duration;
import java.util.List;

/**
 * Fetches snapshots and blocks from {@link SnapshotEndpoint} and {@link BlockEndpoint} of other
 * nodes. A node that stands still for {@link #STALL_LIMIT} in the middle ends the transfer, which
 * java.net.http could not do. What the bytes are worth is the replica's to verify.
 */
public final class HttpSnapshotSource implements SnapshotSource {

  static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
  static final Duration STALL_LIMIT = Duration.ofSeconds(30);

  private static final int LIST_BYTES_MAX = BlockListText.FILES_MAX * 100;

  private final String shard;

  /** Fetches what belongs to a shard. */
  public HttpSnapshotSource(int shard) {
    this.shard = ReplicaSlot.SHARD_PARAMETER + "=" + shard;
  }

  @Override
  public byte[] snapshotManifest(Member peer) throws IOException {
    return whole(peer, SnapshotEndpoint.PATH + "?" + shard, SnapshotManifest.BYTES_MAX);
  }

  @Override
  public byte[] pinSnapshot(Member peer) throws IOException {
    return whole(peer, SnapshotEndpoint.PATH + "?pin=true&" + shard, SnapshotManifest.BYTES_MAX);
  }

  @Override
  public InputStream openSnapshotFile(Member peer, String snapshot, String path, long offset)
      throws IOException {
    return range(
        peer,
        SnapshotEndpoint.FILE_PATH
            + "?snapshot="
            + encoded(snapshot)
            + "&path="
            + encoded(path)
            + "&"
            + shard,
        offset);
  }

  @Override
  public List<BlockFile> blockFiles(Member peer, Ulid ulid) throws IOException {
    String path = BlockEndpoint.PATH.replace("{ulid}", ulid.toString());
    return BlockListText.decode(new String(whole(peer, path + "?" + shard, LIST_BYTES_MAX), UTF_8));
  }

  @Override
  public InputStream openBlockFile(Member peer, Ulid ulid, String name, long offset)
      throws IOException {
    String path = BlockEndpoint.FILE_PATH.replace("{ulid}", ulid.toString());
    return range(peer, path + "?name=" + encoded(name) + "&" + shard, offset);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8);
  }

  private static byte[] whole(Member peer, String path, int bytesMax) throws IOException {
    HttpURLConnection connection = connect(peer, path);
    try {
      requireStatus(peer, path, connection, HttpURLConnection.HTTP_OK);
      byte[] bytes = connection.getInputStream().readNBytes(bytesMax + 1);
      if (bytes.length > bytesMax) {
        throw new IOException(
            peer.name() + " answers " + path + " with more than " + bytesMax + " bytes");
      }
      return bytes;
    } finally {
      connection.disconnect();
    }
  }

  private static InputStream range(Member peer, String path, long offset) throws IOException {
    HttpURLConnection connection = connect(peer, path);
    connection.setRequestProperty("Range", "bytes=" + offset + "-");
    try {
      requireStatus(peer, path, connection, HttpURLConnection.HTTP_PARTIAL);
      String range = connection.getHeaderField("Content-Range");
      if (range == null || !range.startsWith("bytes " + offset + "-")) {
        throw new IOException(
            peer.name() + " answers " + path + " from " + offset + " with the range " + range);
      }
      return new FilterInputStream(connection.getInputStream()) {
        @Override
        public void close() {
          connection.disconnect(); // never reads what is left of gigabytes nobody wants
        }
      };
    } catch (IOException e) {
      connection.disconnect();
      throw e;
    }
  }

  private static HttpURLConnection connect(Member peer, String path) throws IOException {
    URI uri = URI.create("http://" + peer.httpAddress() + path);
    if (!(uri.toURL().openConnection() instanceof HttpURLConnection connection)) {
      throw new IOException(uri + " is no HTTP address");
    }
    connection.setConnectTimeout((int) CONNECT_LIMIT.toMillis());
    connection.setReadTimeout((int) STALL_LIMIT.toMillis());
    connection.setUseCaches(false);
    connection.setInstanceFollowRedirects(false);
    return connection;
  }

  private static void requireStatus(
      Member peer, String path, HttpURLConnection connection, int expected) throws IOException {
    int status = connection.getResponseCode();
    if (status != expected) {
      throw new IOException(
          peer.name() + " answers " + path + " with " + status + ", expected " + expected);
    }
  }
}
