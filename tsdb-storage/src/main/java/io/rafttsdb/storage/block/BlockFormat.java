package io.rafttsdb.storage.block;

import io.rafttsdb.storage.model.Ulid;
import java.nio.file.Path;
import java.util.Locale;

/** Names and constants of a block directory; docs/format/block.md describes it. */
final class BlockFormat {

  static final String META = "meta.json";
  static final String INDEX = "index";
  static final String CHUNKS = "chunks";
  static final String TOMBSTONES = "tombstones";

  /** Ending of a directory that is being filled. */
  static final String CREATION = ".tmp-for-creation";

  /** Ending of a directory that is being deleted. */
  static final String DELETION = ".tmp-for-deletion";

  /** Ending of a file that is to replace another. */
  static final String REPLACEMENT = ".tmp";

  static final int SEGMENT_MAGIC = 0x85bd40dd;
  static final int SEGMENT_VERSION = 1;

  /** Magic, version, three zeros; the first chunk follows. */
  static final int SEGMENT_HEADER_BYTES = 8;

  /** Place of the version in segments and tombstones. */
  static final int VERSION_OFFSET = 4;

  /** Longest chunk that is believed, so that a damaged length takes no memory. */
  static final int CHUNK_BYTES_MAX = 64 << 20;

  static final int TOMBSTONES_MAGIC = 0x0130ba30;
  static final int TOMBSTONES_VERSION = 1;
  static final int TOMBSTONES_HEADER_BYTES = 5;

  private BlockFormat() {}

  static Path creation(Path blocks, Ulid ulid) {
    return blocks.resolve(ulid + CREATION);
  }

  static Path deletion(Path blocks, Ulid ulid) {
    return blocks.resolve(ulid + DELETION);
  }

  /** Name of a segment, counted from 0. */
  static String segment(int number) {
    return String.format(Locale.ROOT, "%06d", number + 1);
  }
}
