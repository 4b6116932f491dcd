package io.rafttsdb.storage.model;

/**
 * The name of a block: 128 bits, 48 of them milliseconds since 1970, shown as 26 characters of
 * Crockford's base 32. Nothing here draws one; it comes with the command that orders the block.
 */
public record Ulid(long high, long low) implements Comparable<Ulid> {

  /** Characters of the text form. */
  public static final int LENGTH = 26;

  private static final String ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  private static final int BITS = 5;

  /**
   * The ULID of a text.
   *
   * @throws IllegalArgumentException where the text is no ULID in capital letters
   */
  public static Ulid parse(String text) {
    if (text.length() != LENGTH || text.charAt(0) > '7') {
      throw new IllegalArgumentException("expected a ULID of 26 characters, got \"" + text + "\"");
    }
    long high = 0;
    long low = 0;
    for (int i = 0; i < LENGTH; i++) {
      int digit = ALPHABET.indexOf(text.charAt(i));
      if (digit < 0) {
        throw new IllegalArgumentException(
            "expected a ULID in Crockford's base 32, got \"" + text + "\"");
      }
      high = high << BITS | low >>> (Long.SIZE - BITS);
      low = low << BITS | digit;
    }
    return new Ulid(high, low);
  }

  /** Whether a text is a ULID, so that a directory of this name may be a block. */
  public static boolean isUlid(String text) {
    if (text.length() != LENGTH || text.charAt(0) > '7') {
      return false;
    }
    return text.chars().allMatch(c -> ALPHABET.indexOf(c) >= 0);
  }

  @Override
  public int compareTo(Ulid other) {
    int byHigh = Long.compareUnsigned(high, other.high);
    return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
  }

  @Override
  public String toString() {
    char[] text = new char[LENGTH];
    long h = high;
    long l = low;
    for (int i = LENGTH - 1; i >= 0; i--) {
      text[i] = ALPHABET.charAt((int) (l & 0x1f));
      l = l >>> BITS | h << (Long.SIZE - BITS);
      h >>>= BITS;
    }
    return new String(text);
  }
}
