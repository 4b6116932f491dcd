@NullMarked
package io.rafttsdb.node.cluster;

import org.jspecify.annotations.NullMarked;
