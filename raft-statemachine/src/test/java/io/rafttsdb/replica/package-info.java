@NullMarked
package io.rafttsdb.replica;

import org.jspecify.annotations.NullMarked;
