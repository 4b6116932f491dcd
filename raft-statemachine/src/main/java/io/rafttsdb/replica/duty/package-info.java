/**
 * What a replica does about blocks beside the log: the leader's choice of the next command, from
 * replicated state alone, and each node's own work to have the blocks that the manifest names.
 * Knows nothing of Ratis.
 */
@NullMarked
package io.rafttsdb.replica.duty;

import org.jspecify.annotations.NullMarked;
