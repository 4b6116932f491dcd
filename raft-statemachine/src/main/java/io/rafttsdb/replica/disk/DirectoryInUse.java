package io.rafttsdb.replica.disk;

import java.nio.file.Path;

/** Another process, or another replica of this one, works on the directory. */
public final class DirectoryInUse extends StartRefused {
  private static final long serialVersionUID = 1;

  DirectoryInUse(Path directory) {
    super(
        directory
            + " is in use by another process: stop that one first, or give this node a directory of"
            + " its own");
  }
}
