/** What replicas find when they compare their states: values and a pure function. */
@NullMarked
package io.rafttsdb.replica.check;

import org.jspecify.annotations.NullMarked;
