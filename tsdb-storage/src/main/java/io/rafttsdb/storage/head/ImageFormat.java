package io.rafttsdb.storage.head;

/** Constants of the Head image; docs/format/head-image.md describes it. */
final class ImageFormat {

  /** "RTHI": raft-tsdb Head image. */
  static final int MAGIC = 0x52544849;

  static final int VERSION = 4;

  /** Offset of the index; the state hash begins with {@link #BODY}. */
  static final int INDEX = 8;

  static final int BODY = 16;

  static final int FOOTER_BYTES = 4;

  /** Label sets are smaller, so that a damaged length takes no memory. */
  static final int LABELS_BYTES_MAX = 16 << 20;

  /** A manifest is smaller, for the same reason. */
  static final int MANIFEST_BYTES_MAX = 64 << 20;

  static final int SETTINGS_ABSENT = 0;
  static final int SETTINGS_PRESENT = 1;

  /** In place of a label set's length + 1: the series stood there before. */
  static final int LABELS_KNOWN = 0;

  /** A chunk crosses no block range, and so is shorter. */
  static final long CHUNK_SPAN_MAX_MS = 0xffffffffL;

  /** Histograms and chunks of them are smaller: a chunk ends by size once it has ten samples. */
  static final int HISTOGRAMS_BYTES_MAX = 1 << 30;

  /** In place of a closed chunk's place on disk: its bytes follow. */
  static final int CARRIED = 0;

  /** In place of the length of a histogram out of order: the sample is a float. */
  static final int FLOAT = 0;

  /** Of an open chunk of histograms: it ends with its aligned range, as far as is known. */
  static final int END_OF_RANGE = 0;

  /** Its end was planned, and follows. */
  static final int END_PLANNED = 1;

  static final int KIND_IN_ORDER = 0;
  static final int KIND_OUT_OF_ORDER = 1;

  private ImageFormat() {}
}
