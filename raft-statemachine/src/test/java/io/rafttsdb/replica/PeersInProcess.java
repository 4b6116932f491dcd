package io.rafttsdb.replica;

import io.rafttsdb.storage.model.BlockFile;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.Optional;

/** Asks nodes of this process, without a network. */
final class PeersInProcess implements SnapshotSource {

  /** Finds a node. */
  @FunctionalInterface
  interface Nodes {
    ServedFiles of(Member member) throws IOException;
  }

  private final Nodes nodes;

  PeersInProcess(Nodes nodes) {
    this.nodes = nodes;
  }

  @Override
  public byte[] snapshotManifest(Member peer) throws IOException {
    return nodes.of(peer).snapshotManifest().orElseThrow(() -> new IOException("no snapshot"));
  }

  @Override
  public byte[] pinSnapshot(Member peer) throws IOException {
    return nodes.of(peer).pinSnapshot().orElseThrow(() -> new IOException("no snapshot"));
  }

  @Override
  public InputStream openSnapshotFile(Member peer, String snapshot, String path, long offset)
      throws IOException {
    return stream(nodes.of(peer).openSnapshotFile(snapshot, path), offset);
  }

  @Override
  public List<BlockFile> blockFiles(Member peer, Ulid ulid) throws IOException {
    List<BlockFile> files = nodes.of(peer).blockFiles(ulid);
    if (files.isEmpty()) {
      throw new IOException(peer.name() + " has no block " + ulid);
    }
    return files;
  }

  @Override
  public InputStream openBlockFile(Member peer, Ulid ulid, String name, long offset)
      throws IOException {
    return stream(nodes.of(peer).openBlockFile(ulid, name), offset);
  }

  private static InputStream stream(Optional<FileChannel> file, long offset) throws IOException {
    FileChannel channel = file.orElseThrow(() -> new IOException("no such file"));
    return Channels.newInputStream(channel.position(offset));
  }
}
