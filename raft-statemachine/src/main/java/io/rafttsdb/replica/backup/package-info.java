/** A backup on disk, and what is known of the blocks in it. */
@NullMarked
package io.rafttsdb.replica.backup;

import org.jspecify.annotations.NullMarked;
