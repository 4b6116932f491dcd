/**
 * Remote write: from the body of a request to its place in the log, on this node or through it on
 * the leader.
 */
@NullMarked
package io.rafttsdb.node.ingest;

import org.jspecify.annotations.NullMarked;
