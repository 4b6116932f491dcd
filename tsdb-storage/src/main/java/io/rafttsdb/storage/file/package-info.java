/** How files come onto the disk and stay there. */
@NullMarked
package io.rafttsdb.storage.file;

import org.jspecify.annotations.NullMarked;
