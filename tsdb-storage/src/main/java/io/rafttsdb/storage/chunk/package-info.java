/** XOR chunks: how the samples of one series become bytes, and when a chunk ends. */
@NullMarked
package io.rafttsdb.storage.chunk;

import org.jspecify.annotations.NullMarked;
