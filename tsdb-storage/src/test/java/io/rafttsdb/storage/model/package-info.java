@NullMarked
package io.rafttsdb.storage.model;

import org.jspecify.annotations.NullMarked;
