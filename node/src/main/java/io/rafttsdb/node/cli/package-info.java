/** The command line: {@code raft-tsdb server} and {@code raft-tsdb demo}. */
@NullMarked
package io.rafttsdb.node.cli;

import org.jspecify.annotations.NullMarked;
