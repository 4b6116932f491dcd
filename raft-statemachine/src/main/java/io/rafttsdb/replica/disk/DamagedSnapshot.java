package io.rafttsdb.replica.disk;

import java.nio.file.Path;

/** No snapshot is valid from which the log goes on. */
public final class DamagedSnapshot extends StartRefused {
  private static final long serialVersionUID = 1;

  public DamagedSnapshot(Path directory, String reason) {
    super("no usable snapshot in " + directory + ": " + reason + ". " + REBUILD);
  }
}
