/**
 * What a log entry holds: commands and their encoding, format version 1 (docs/format/log-entry.md).
 */
@NullMarked
package io.rafttsdb.command;

import org.jspecify.annotations.NullMarked;
