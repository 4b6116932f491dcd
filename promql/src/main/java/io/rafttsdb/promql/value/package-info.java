/** What evaluation works on and answers: columns, results, annotations, and how a query fails. */
@NullMarked
package io.rafttsdb.promql.value;

import org.jspecify.annotations.NullMarked;
