@NullMarked
package io.rafttsdb.storage.merge;

import org.jspecify.annotations.NullMarked;
