@NullMarked
package io.rafttsdb.node.monitor;

import org.jspecify.annotations.NullMarked;
