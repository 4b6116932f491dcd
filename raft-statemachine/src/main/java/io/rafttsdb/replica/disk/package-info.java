/**
 * What a replica keeps on its disk beside the Ratis log, and the check and repair of that log
 * before Ratis opens it: commit mark, log scan, snapshots, the lock of the directory.
 */
@NullMarked
package io.rafttsdb.replica.disk;

import org.jspecify.annotations.NullMarked;
