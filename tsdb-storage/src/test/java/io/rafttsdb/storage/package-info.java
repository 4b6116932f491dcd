@NullMarked
package io.rafttsdb.storage;

import org.jspecify.annotations.NullMarked;
