/** Tests of the query language: scripts, properties, fuzzing. */
@NullMarked
package io.rafttsdb.promql;

import org.jspecify.annotations.NullMarked;
