@NullMarked
package io.rafttsdb.storage.manifest;

import org.jspecify.annotations.NullMarked;
