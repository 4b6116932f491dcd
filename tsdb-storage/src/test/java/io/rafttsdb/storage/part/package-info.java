@NullMarked
package io.rafttsdb.storage.part;

import org.jspecify.annotations.NullMarked;
