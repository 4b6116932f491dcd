/**
 * What one node has of the parts that the manifest lists: opened blocks, how they are built, and
 * what deletes hide of them. Nothing here is replicated state.
 */
@NullMarked
package io.rafttsdb.storage.part;

import org.jspecify.annotations.NullMarked;
