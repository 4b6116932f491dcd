/** PromQL's functions: their signatures and what they compute, one file a family. */
@NullMarked
package io.rafttsdb.promql.function;

import org.jspecify.annotations.NullMarked;
