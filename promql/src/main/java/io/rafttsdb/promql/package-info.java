/** The door of the query language: parse a query, evaluate it against a source of series. */
@NullMarked
package io.rafttsdb.promql;

import org.jspecify.annotations.NullMarked;
