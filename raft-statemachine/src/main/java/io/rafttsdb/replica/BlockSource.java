package io.rafttsdb.replica;

import io.rafttsdb.storage.model.BlockFile;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * Where a node gets a block that it lacks: any node that has it, through that node's {@link
 * ServedFiles}. Called on a thread that may be interrupted.
 */
public interface BlockSource {

  /**
   * The files of a block of another node.
   *
   * @throws IOException where the node does not answer or has no such block
   */
  List<BlockFile> blockFiles(Member peer, Ulid ulid) throws IOException, InterruptedException;

  /**
   * The bytes of one of them, from an offset to the end. The caller closes the stream, which may
   * break off.
   */
  InputStream openBlockFile(Member peer, Ulid ulid, String name, long offset)
      throws IOException, InterruptedException;
}
