@NullMarked
package io.rafttsdb.storage.chunk;

import org.jspecify.annotations.NullMarked;
