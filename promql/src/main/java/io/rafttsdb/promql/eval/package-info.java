/** The engine: evaluates a checked tree series by series over all steps of a query. */
@NullMarked
package io.rafttsdb.promql.eval;

import org.jspecify.annotations.NullMarked;
