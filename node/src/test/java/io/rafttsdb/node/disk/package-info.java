@NullMarked
package io.rafttsdb.node.disk;

import org.jspecify.annotations.NullMarked;
