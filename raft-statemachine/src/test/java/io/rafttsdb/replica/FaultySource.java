package io.rafttsdb.replica;

import io.rafttsdb.storage.model.BlockFile;
import io.rafttsdb.storage.model.Ulid;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * Another source whose streams break off when a budget of bytes is used up, and in which one byte
 * may be wrong. Counts what it gave. For one thread.
 */
final class FaultySource implements SnapshotSource {
  private final SnapshotSource source;
  private long given;
  private long budget = Long.MAX_VALUE;
  private long wrongAt = -1;
  private String wrongIn = "";

  FaultySource(SnapshotSource source) {
    this.source = source;
  }

  long given() {
    return given;
  }

  /** From now on so many bytes are given, then every stream breaks off. */
  void breakAfter(long bytes) {
    budget = bytes;
  }

  /** Once, this byte of the next stream of a file of this name is wrong. */
  void corruptOnce(String name, long offset) {
    wrongIn = name;
    wrongAt = offset;
  }

  private InputStream faulty(InputStream in, String name, long offset) {
    return new FilterInputStream(in) {
      private long position = offset;

      @Override
      public int read(byte[] bytes, int from, int length) throws IOException {
        if (budget == 0) {
          throw new IOException("broken off");
        }
        int read = super.read(bytes, from, (int) Math.min(length, budget));
        if (read > 0) {
          if (name.equals(wrongIn) && position <= wrongAt && wrongAt < position + read) {
            bytes[from + (int) (wrongAt - position)] ^= 1;
            wrongAt = -1;
          }
          position += read;
          given += read;
          budget -= read;
        }
        return read;
      }
    };
  }

  @Override
  public byte[] snapshotManifest(Member peer) throws IOException, InterruptedException {
    return source.snapshotManifest(peer);
  }

  @Override
  public byte[] pinSnapshot(Member peer) throws IOException, InterruptedException {
    return source.pinSnapshot(peer);
  }

  @Override
  public InputStream openSnapshotFile(Member peer, String snapshot, String path, long offset)
      throws IOException, InterruptedException {
    return faulty(source.openSnapshotFile(peer, snapshot, path, offset), path, offset);
  }

  @Override
  public List<BlockFile> blockFiles(Member peer, Ulid ulid)
      throws IOException, InterruptedException {
    return source.blockFiles(peer, ulid);
  }

  @Override
  public InputStream openBlockFile(Member peer, Ulid ulid, String name, long offset)
      throws IOException, InterruptedException {
    return faulty(source.openBlockFile(peer, ulid, name, offset), name, offset);
  }
}
