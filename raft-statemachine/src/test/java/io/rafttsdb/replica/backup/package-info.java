@NullMarked
package io.rafttsdb.replica.backup;

import org.jspecify.annotations.NullMarked;
