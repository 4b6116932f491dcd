package io.rafttsdb.replica;

import io.rafttsdb.storage.model.BlockFile;
import io.rafttsdb.storage.model.Ulid;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The network as a node of a {@link SimulatedShard} sees it: streams break off, bytes are wrong now
 * and then, and while a node waits for another one, things happen.
 */
final class SimulatedPeers implements SnapshotSource {
  private final SimulatedNode self;
  private final SimulatedShard shard;
  private final SnapshotSource source;
  private final SplittableRandom random;

  SimulatedPeers(SimulatedNode self, SimulatedShard shard, SplittableRandom random) {
    this.self = self;
    this.shard = shard;
    this.source = new PeersInProcess(this::served);
    this.random = random;
  }

  private ServedFiles served(Member member) throws IOException {
    return shard
        .reachable(self, member)
        .orElseThrow(() -> new IOException(member.name() + " does not answer"))
        .process()
        .served;
  }

  private void wait(String what) throws IOException, InterruptedException {
    shard.meanwhile(self);
    if (shard.hasFaults() && random.nextInt(40) == 0) {
      shard.count(what + " broken off");
      throw new IOException("broken off");
    }
  }

  @Override
  public byte[] snapshotManifest(Member peer) throws IOException, InterruptedException {
    wait("list");
    return source.snapshotManifest(peer);
  }

  @Override
  public byte[] pinSnapshot(Member peer) throws IOException, InterruptedException {
    wait("pin");
    return source.pinSnapshot(peer);
  }

  @Override
  public InputStream openSnapshotFile(Member peer, String snapshot, String path, long offset)
      throws IOException, InterruptedException {
    wait("snapshot file");
    return faulty(source.openSnapshotFile(peer, snapshot, path, offset));
  }

  @Override
  public List<BlockFile> blockFiles(Member peer, Ulid ulid)
      throws IOException, InterruptedException {
    wait("block list");
    return source.blockFiles(peer, ulid);
  }

  @Override
  public InputStream openBlockFile(Member peer, Ulid ulid, String name, long offset)
      throws IOException, InterruptedException {
    wait("block file");
    return faulty(source.openBlockFile(peer, ulid, name, offset));
  }

  /** Now and then it breaks off in the midst, or has a wrong byte. */
  private InputStream faulty(InputStream in) {
    if (!shard.hasFaults() || random.nextInt(12) > 0) {
      return in;
    }
    shard.count("stream broken off");
    boolean isWrong = random.nextInt(4) == 0;
    int budget = random.nextInt(1, 3000);
    return new FilterInputStream(in) {
      private int left = budget;

      @Override
      public int read(byte[] bytes, int from, int length) throws IOException {
        if (left == 0 && !isWrong) {
          throw new IOException("broken off");
        }
        int read = super.read(bytes, from, left == 0 ? length : Math.min(length, left));
        if (read > 0 && read == left && isWrong) {
          bytes[from + read - 1] ^= 1;
        }
        left = Math.max(0, left - Math.max(0, read));
        return read;
      }
    };
  }
}
