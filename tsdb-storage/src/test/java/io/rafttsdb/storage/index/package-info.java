@NullMarked
package io.rafttsdb.storage.index;

import org.jspecify.annotations.NullMarked;
