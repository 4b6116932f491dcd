/**
 * Who belongs to the cluster, and how that changes while it serves: the administration's HTTP API,
 * the changes themselves, which the leader makes, and how a node finds out that it was removed.
 */
@NullMarked
package io.rafttsdb.node.members;

import org.jspecify.annotations.NullMarked;
