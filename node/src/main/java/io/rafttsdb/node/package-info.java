/** The server: {@link io.rafttsdb.node.Node} puts all of its parts together. */
@NullMarked
package io.rafttsdb.node;

import org.jspecify.annotations.NullMarked;
