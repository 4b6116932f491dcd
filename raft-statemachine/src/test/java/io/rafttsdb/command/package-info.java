@NullMarked
package io.rafttsdb.command;

import org.jspecify.annotations.NullMarked;
