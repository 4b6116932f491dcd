package io.rafttsdb.storage.spill;

/**
 * Where a chunk is: number of its file and offset of its record there, in one number. Places of a
 * directory grow in the order in which chunks were appended; all are above 0.
 */
public final class SpillPlace {

  private SpillPlace() {}

  /**
   * @param file number of the file, from 1
   * @param offset of the record in it, in bytes
   */
  static long of(int file, long offset) {
    return (long) file << Integer.SIZE | offset;
  }

  /** Number of the file that a place is in. */
  public static int file(long place) {
    return (int) (place >>> Integer.SIZE);
  }

  /** Offset of the chunk's record in its file, in bytes. */
  public static long offset(long place) {
    return place & 0xffffffffL;
  }

  /** Whether a number may be a place: offsets have 30 bits. */
  public static boolean isPossible(long place) {
    return file(place) > 0 && offset(place) < SpillFormat.FILE_BYTES_MAX;
  }

  /** A place as people read it: number and offset. */
  public static String toString(long place) {
    return SpillFormat.name(file(place)) + ":" + offset(place);
  }
}
