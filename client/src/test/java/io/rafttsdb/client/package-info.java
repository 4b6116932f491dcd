@NullMarked
package io.rafttsdb.client;

import org.jspecify.annotations.NullMarked;
