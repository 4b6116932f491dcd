@NullMarked
package io.rafttsdb.node.cli;

import org.jspecify.annotations.NullMarked;
