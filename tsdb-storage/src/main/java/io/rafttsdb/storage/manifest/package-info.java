/** The replicated list of what lies below the Head, and how commands change it. */
@NullMarked
package io.rafttsdb.storage.manifest;

import org.jspecify.annotations.NullMarked;
