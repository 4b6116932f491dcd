/** Backups, the import of blocks, and the beginning of a cluster from a backup. */
@NullMarked
package io.rafttsdb.node.backup;

import org.jspecify.annotations.NullMarked;
