package io.rafttsdb.replica.disk;

import io.rafttsdb.storage.manifest.Digest;
import io.rafttsdb.storage.model.BlockFile;
import io.rafttsdb.storage.model.Ulid;
import io.rafttsdb.storage.part.BlockFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A block of a snapshot: second names for its files, below {@code blocks/<ULID>/}.
 *
 * @param checksum as the replicas compare it, over the whole block
 * @param files meta.json, index, segments ascending
 */
public record SnapshotBlock(Ulid ulid, Digest checksum, List<BlockFile> files) {

  /** Where a snapshot has its blocks. */
  public static final String DIRECTORY = "blocks";

  public SnapshotBlock {
    files = List.copyOf(files);
  }

  /** Where the block's files are in a snapshot. */
  public Path directory(Path snapshot) {
    return snapshot.resolve(DIRECTORY).resolve(ulid.toString());
  }

  /** Bytes of index and segments. */
  public long sizeBytes() {
    return BlockFiles.countedBytes(files);
  }

  /**
   * Checks that a snapshot has these files in these sizes. Their bytes are checked when the block
   * is opened, read or scrubbed: a snapshot is no reason to read all data.
   *
   * @throws IOException where it has others, or none
   */
  public void check(Path snapshot) throws IOException {
    Path directory = directory(snapshot);
    List<BlockFile> found = BlockFiles.of(directory);
    if (!found.equals(files)) {
      throw new IOException(directory + " has " + found + ", expected " + files);
    }
  }
}
