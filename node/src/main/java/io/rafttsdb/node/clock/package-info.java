/** Whether this node's wall clock may be believed, by those of the other members. */
@NullMarked
package io.rafttsdb.node.clock;

import org.jspecify.annotations.NullMarked;
