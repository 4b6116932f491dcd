@NullMarked
package io.rafttsdb.storage.file;

import org.jspecify.annotations.NullMarked;
