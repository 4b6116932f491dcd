/** Chunks of floats and of native histograms: how samples become bytes, and when a chunk ends. */
@NullMarked
package io.rafttsdb.storage.chunk;

import org.jspecify.annotations.NullMarked;
