/**
 * The Java client: writes and reads a raft-tsdb cluster over its public HTTP protocols. It knows no
 * other module, so that an application gets few dependencies.
 */
@NullMarked
package io.rafttsdb.client;

import org.jspecify.annotations.NullMarked;
