/**
 * What a node tells of itself: metrics of the process, the Java machine, the host and the node's
 * parts, shown at /metrics and written into the cluster.
 */
@NullMarked
package io.rafttsdb.node.monitor;

import org.jspecify.annotations.NullMarked;
