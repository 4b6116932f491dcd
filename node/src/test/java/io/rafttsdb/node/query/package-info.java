@NullMarked
package io.rafttsdb.node.query;

import org.jspecify.annotations.NullMarked;
