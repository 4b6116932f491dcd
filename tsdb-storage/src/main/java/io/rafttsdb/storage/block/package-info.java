/** Blocks: immutable directories of samples in Prometheus's format. */
@NullMarked
package io.rafttsdb.storage.block;

import org.jspecify.annotations.NullMarked;
