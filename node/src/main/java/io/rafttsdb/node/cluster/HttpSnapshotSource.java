package io.rafttsdb.node.cluster;

import io.rafttsdb.replica.Member;
import io.rafttsdb.replica.SnapshotSource;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;

/**
 * Fetches a snapshot from {@link SnapshotEndpoint} of the leader. A leader that stands still for
 * {@link #STALL_LIMIT} in the middle ends the transfer, which java.net.http could not do. The
 * stream's own lengths and checksum are the replica's to verify.
 */
public final class HttpSnapshotSource implements SnapshotSource {

  static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
  static final Duration STALL_LIMIT = Duration.ofSeconds(30);

  @Override
  public InputStream open(Member leader) throws IOException {
    URI uri = URI.create("http://" + leader.httpAddress() + SnapshotEndpoint.PATH);
    if (!(uri.toURL().openConnection() instanceof HttpURLConnection connection)) {
      throw new IOException(uri + " is no HTTP address");
    }
    connection.setConnectTimeout((int) CONNECT_LIMIT.toMillis());
    connection.setReadTimeout((int) STALL_LIMIT.toMillis());
    connection.setUseCaches(false);
    int status = connection.getResponseCode();
    if (status != HttpURLConnection.HTTP_OK) {
      connection.disconnect();
      throw new IOException(leader.name() + " answered " + status + " when asked for a snapshot");
    }
    return new FilterInputStream(connection.getInputStream()) {
      @Override
      public void close() {
        connection.disconnect(); // never reads what is left of gigabytes nobody wants
      }
    };
  }
}
