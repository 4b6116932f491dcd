package io.rafttsdb.node.cluster;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/**
 * What the data directory of a node that does not run belongs or belonged to.
 *
 * @param shards how many there are below it
 */
record OldMember(UUID clusterId, int shards) {

  /** Reads the identity; nothing is changed there. */
  static OldMember of(Path directory) throws IOException, StartRefused {
    Optional<Identity> identity = DataDirectory.identityOf(directory);
    return switch (identity.orElse(null)) {
      case Identity.Joined joined -> new OldMember(joined.clusterId(), joined.shape().shards());
      case Identity.Removed removed ->
          new OldMember(removed.clusterId(), Math.max(1, DataDirectory.shardsIn(directory)));
      case null, default ->
          throw new StartRefused(
              directory.toAbsolutePath()
                  + " is not the data directory of a member of a cluster: it has no file identity"
                  + " that says so");
    };
  }
}
