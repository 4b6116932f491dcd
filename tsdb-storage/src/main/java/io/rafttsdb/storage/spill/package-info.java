/**
 * Full chunks of the Head on disk, so that the heap holds only open ones: the files of chunks_head.
 */
@NullMarked
package io.rafttsdb.storage.spill;

import org.jspecify.annotations.NullMarked;
