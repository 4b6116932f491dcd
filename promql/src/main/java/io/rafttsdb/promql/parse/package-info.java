/** From PromQL text to a checked tree: lexer, parser, type checker, and their error. */
@NullMarked
package io.rafttsdb.promql.parse;

import org.jspecify.annotations.NullMarked;
