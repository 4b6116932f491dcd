@NullMarked
package io.rafttsdb.node.deploy;

import org.jspecify.annotations.NullMarked;
