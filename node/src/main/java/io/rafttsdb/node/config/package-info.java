/** The configuration of a node: read once from HOCON and flags, checked, then a record. */
@NullMarked
package io.rafttsdb.node.config;

import org.jspecify.annotations.NullMarked;
