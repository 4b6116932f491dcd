@NullMarked
package io.rafttsdb.node.backup;

import org.jspecify.annotations.NullMarked;
