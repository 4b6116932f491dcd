package io.rafttsdb.storage.model;

import java.util.Comparator;

/** The order of strings' UTF-8 bytes, in which everything is sorted; UTF-16 units have another. */
public final class Bytewise {

  public static final Comparator<String> ORDER = Bytewise::compare;

  private Bytewise() {}

  /** Surrogates stand for what lies beyond all other units. */
  private static int compare(String a, String b) {
    int length = Math.min(a.length(), b.length());
    for (int i = 0; i < length; i++) {
      char mine = a.charAt(i);
      char its = b.charAt(i);
      if (mine != its) {
        boolean areAlike = Character.isSurrogate(mine) == Character.isSurrogate(its);
        return areAlike ? Character.compare(mine, its) : Character.isSurrogate(mine) ? 1 : -1;
      }
    }
    return Integer.compare(a.length(), b.length());
  }
}
