/** PromQL as a tree: sealed records with their places in the text, and the printer. */
@NullMarked
package io.rafttsdb.promql.ast;

import org.jspecify.annotations.NullMarked;
