@NullMarked
package io.rafttsdb.node.ingest;

import org.jspecify.annotations.NullMarked;
