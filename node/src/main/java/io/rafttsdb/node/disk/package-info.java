/** How much room a node's disk has, and what follows from it for the node and the cluster. */
@NullMarked
package io.rafttsdb.node.disk;

import org.jspecify.annotations.NullMarked;
