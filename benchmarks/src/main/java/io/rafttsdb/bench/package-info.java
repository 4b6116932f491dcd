/** Benchmarks: inner loops by JMH, and whole systems beside their peers with the same input. */
@NullMarked
package io.rafttsdb.bench;

import org.jspecify.annotations.NullMarked;
