@NullMarked
package io.rafttsdb.bench;

import org.jspecify.annotations.NullMarked;
