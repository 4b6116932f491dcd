@NullMarked
package io.rafttsdb.storage.head;

import org.jspecify.annotations.NullMarked;
