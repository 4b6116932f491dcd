@NullMarked
package io.rafttsdb.node.clock;

import org.jspecify.annotations.NullMarked;
