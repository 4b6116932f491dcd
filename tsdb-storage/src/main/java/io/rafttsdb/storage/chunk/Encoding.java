package io.rafttsdb.storage.chunk;

import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SampleKind;

/** How a chunk's samples are encoded; the code is the byte that files have. */
public enum Encoding {
  XOR(1, SampleKind.FLOAT),
  HISTOGRAM(2, SampleKind.HISTOGRAM),
  FLOAT_HISTOGRAM(3, SampleKind.FLOAT_HISTOGRAM);

  private final int code;
  private final SampleKind kind;

  Encoding(int code, SampleKind kind) {
    this.code = code;
    this.kind = kind;
  }

  public int code() {
    return code;
  }

  /** What the samples of such a chunk are. */
  public SampleKind kind() {
    return kind;
  }

  /** The encoding for samples of a kind. */
  public static Encoding of(SampleKind kind) {
    return switch (kind) {
      case FLOAT -> XOR;
      case HISTOGRAM -> HISTOGRAM;
      case FLOAT_HISTOGRAM -> FLOAT_HISTOGRAM;
    };
  }

  /**
   * Walks the first samples of a chunk of this encoding, which may still be written to behind them.
   */
  public SampleCursor samples(byte[] bytes, int count) {
    return this == XOR ? new XorReader(bytes, count) : new HistogramReader(kind, bytes, count);
  }

  /**
   * The encoding of a code.
   *
   * @throws CorruptChunk where no known encoding has the code
   */
  public static Encoding of(int code) {
    for (Encoding encoding : values()) {
      if (encoding.code == code) {
        return encoding;
      }
    }
    throw new CorruptChunk("expected a chunk encoding from 1 to 3, found " + code);
  }
}
