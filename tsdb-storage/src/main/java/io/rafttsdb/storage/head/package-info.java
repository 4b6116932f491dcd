/**
 * The Head: the newest samples of every series, in memory. One thread writes it, the apply thread;
 * readers never block it.
 */
@NullMarked
package io.rafttsdb.storage.head;

import org.jspecify.annotations.NullMarked;
