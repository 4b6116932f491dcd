package io.rafttsdb.storage.index;

import io.rafttsdb.storage.model.Labels;
import java.util.Arrays;

/**
 * A label set as the canonical bytes of each of its labels, in order, so that series can share
 * those of the labels that they have in common: most of what labels take in memory.
 */
public final class LabelBytes {

  private LabelBytes() {}

  /** The bytes of each label of a set, shared with none yet. */
  public static byte[][] of(Labels labels) {
    byte[] canonical = labels.canonical();
    byte[][] each = new byte[labels.count()][];
    int start = 0;
    for (int i = 0; i < each.length; i++) {
      int end = labels.endOfLabel(start);
      each[i] = Arrays.copyOfRange(canonical, start, end);
      start = end;
    }
    return each;
  }

  /** The set again, a new object. */
  public static Labels join(byte[][] each) {
    int length = 0;
    for (byte[] label : each) {
      length += label.length;
    }
    byte[] canonical = new byte[length];
    int start = 0;
    for (byte[] label : each) {
      System.arraycopy(label, 0, canonical, start, label.length);
      start += label.length;
    }
    return Labels.ofCanonical(canonical);
  }

  /** Whether these are a set's. */
  public static boolean areOf(byte[][] each, Labels labels) {
    byte[] canonical = labels.canonical();
    int start = 0;
    for (byte[] label : each) {
      int end = start + label.length;
      if (end > canonical.length || !Arrays.equals(label, 0, label.length, canonical, start, end)) {
        return false;
      }
      start = end;
    }
    return start == canonical.length;
  }
}
