/** What to cut, merge and drop, decided by pure planners; and the merging of blocks into one. */
@NullMarked
package io.rafttsdb.storage.compact;

import org.jspecify.annotations.NullMarked;
