/** The storage engine of one shard, and the only door to it: {@link io.rafttsdb.storage.Tsdb}. */
@NullMarked
package io.rafttsdb.storage;

import org.jspecify.annotations.NullMarked;
