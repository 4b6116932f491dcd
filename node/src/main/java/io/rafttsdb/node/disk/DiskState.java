package io.rafttsdb.node.disk;

/**
 * How a node's disk stands.
 *
 * @param freeBytes what is left on it
 * @param reserveBytes what should be left for what must be written in any case
 */
public record DiskState(long freeBytes, long reserveBytes, Level level) {

  /** What a node may still be asked to write. */
  public enum Level {
    /** Everything. */
    ROOM,
    /** Less than the reserve is left: samples belong elsewhere. */
    LOW,
    /** So little that the log could fail: the node should stop while it can do so cleanly. */
    FULL
  }

  /** Before anything was measured: nothing is held against a node. */
  public static final DiskState UNKNOWN = new DiskState(Long.MAX_VALUE, 0, Level.ROOM);

  /** Segments of the log that may be begun before a snapshot lets older ones go. */
  private static final int SEGMENTS = 2;

  /** A node is full below this part of its reserve. */
  private static final int FULL_PART = 2;

  /** And has room again only with this part of it more, so that it does not go to and fro. */
  private static final int BACK_PART = 8;

  /**
   * What should be left: two segments of the log, a snapshot, and a margin for whatever else writes
   * there.
   *
   * @param headBytes memory of the Head, more than its image takes
   */
  public static long reserve(long segmentBytes, long headBytes, long marginBytes) {
    return SEGMENTS * segmentBytes + headBytes + marginBytes;
  }

  /** As measured next. */
  public DiskState next(long nowFreeBytes, long nowReserveBytes) {
    Level now;
    if (nowFreeBytes < nowReserveBytes / FULL_PART) {
      now = Level.FULL;
    } else if (nowFreeBytes < nowReserveBytes) {
      now = Level.LOW;
    } else if (level != Level.ROOM
        && nowFreeBytes < nowReserveBytes + nowReserveBytes / BACK_PART) {
      now = Level.LOW;
    } else {
      now = Level.ROOM;
    }
    return new DiskState(nowFreeBytes, nowReserveBytes, now);
  }
}
