/** The one merge of several parts of the storage, shared by queries and compaction. */
@NullMarked
package io.rafttsdb.storage.merge;

import org.jspecify.annotations.NullMarked;
