package io.rafttsdb.node.query;

/**
 * Label names as Prometheus writes them where only letters, digits and underscores may stand:
 * {@code U__} in front, an underscore as two, any other character as its code in hexadecimal
 * between two underscores.
 */
final class EscapedName {
  private static final String PREFIX = "U__";
  private static final int HEX_DIGITS_MAX = 6;

  private EscapedName() {}

  /** The name meant; a text that is not escaped, or not well, means itself. */
  static String decode(String text) {
    if (!text.startsWith(PREFIX)) {
      return text;
    }
    StringBuilder name = new StringBuilder();
    int at = PREFIX.length();
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c != '_') {
        name.append(c);
        at++;
        continue;
      }
      int end = text.indexOf('_', at + 1);
      if (end < 0 || end - at - 1 > HEX_DIGITS_MAX) {
        return text;
      }
      if (end == at + 1) {
        name.append('_');
      } else {
        int code = code(text, at + 1, end);
        if (!Character.isValidCodePoint(code)) {
          return text;
        }
        name.appendCodePoint(code);
      }
      at = end + 1;
    }
    return name.toString();
  }

  private static int code(String text, int from, int end) {
    int code = 0;
    for (int i = from; i < end; i++) {
      int digit = Character.digit(text.charAt(i), 16);
      if (digit < 0) {
        return -1;
      }
      code = code << 4 | digit;
    }
    return code;
  }

  /** Whether a label can have the name: it has at least a character, and all are whole ones. */
  static boolean isUnicode(String name) {
    return !name.isEmpty()
        && name.codePoints().noneMatch(code -> code >= 0xd800 && code <= 0xdfff)
        && name.indexOf('\ufffd') < 0;
  }
}
