@NullMarked
package io.rafttsdb.node.members;

import org.jspecify.annotations.NullMarked;
