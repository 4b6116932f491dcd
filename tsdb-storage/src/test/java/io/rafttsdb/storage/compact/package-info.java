@NullMarked
package io.rafttsdb.storage.compact;

import org.jspecify.annotations.NullMarked;
