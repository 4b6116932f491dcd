@NullMarked
package io.rafttsdb.node.config;

import org.jspecify.annotations.NullMarked;
