/** The label index in memory: from names and values of labels to the refs of series. */
@NullMarked
package io.rafttsdb.storage.index;

import org.jspecify.annotations.NullMarked;
