package io.rafttsdb.replica.disk;

/**
 * A replica does not start on this directory. The message says what was expected, what is there,
 * and what a person can do; nothing was changed.
 */
public abstract sealed class StartRefused extends Exception
    permits DamagedLog, DirectoryInUse, LossNotAccepted {
  private static final long serialVersionUID = 1;

  StartRefused(String message) {
    super(message);
  }

  /** What helps a replica whose own files can't be trusted any more. */
  static final String REBUILD =
      "The other members have this data: remove this node from the cluster, delete its directory,"
          + " and let it join anew.";
}
