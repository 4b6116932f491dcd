@NullMarked
package io.rafttsdb.storage.block;

import org.jspecify.annotations.NullMarked;
