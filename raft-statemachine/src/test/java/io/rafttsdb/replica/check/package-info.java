@NullMarked
package io.rafttsdb.replica.check;

import org.jspecify.annotations.NullMarked;
