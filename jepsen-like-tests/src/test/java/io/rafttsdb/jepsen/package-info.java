/**
 * Real node processes under faults: what the cluster acknowledged must be on every node afterwards,
 * once, bit for bit.
 */
@NullMarked
package io.rafttsdb.jepsen;

import org.jspecify.annotations.NullMarked;
