@NullMarked
package io.rafttsdb.storage.spill;

import org.jspecify.annotations.NullMarked;
