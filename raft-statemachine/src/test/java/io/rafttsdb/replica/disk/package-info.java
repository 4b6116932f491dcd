@NullMarked
package io.rafttsdb.replica.disk;

import org.jspecify.annotations.NullMarked;
