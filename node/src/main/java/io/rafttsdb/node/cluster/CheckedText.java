package io.rafttsdb.node.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * A short text of fields that a person can read and a program can trust: what {@code identity}
 * files and the messages of the bootstrap are written in. The first line tells what it is and its
 * format version, then one field a line, and the last line is the CRC32C of all bytes before it.
 *
 * <pre>
 *   raft-tsdb identity 1
 *   state = joined
 *   member = node1 5f0c... 127.0.0.1:9090 127.0.0.1:10090
 *   crc32c = 1c291ca3
 * </pre>
 */
final class CheckedText {

  /** A longer text is none of ours. */
  static final int BYTES_MAX = 64 << 10;

  private static final int VERSION = 1;
  private static final String CRC_FIELD = "crc32c";

  private final String kind;
  private final List<Field> fields;

  private record Field(String name, String value) {}

  /** What is wrong with a text that came in. */
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1L;

    Malformed(String message) {
      super(message);
    }

    Malformed(String message, Throwable cause) {
      super(message, cause);
    }
  }

  CheckedText(String kind) {
    this(kind, new ArrayList<>());
  }

  private CheckedText(String kind, List<Field> fields) {
    this.kind = kind;
    this.fields = fields;
  }

  /** Adds a field; the same name may stand several times. */
  CheckedText with(String name, Object value) {
    String text = value.toString();
    if (text.indexOf('\n') >= 0 || text.indexOf('\r') >= 0) {
      throw new IllegalArgumentException("field " + name + " has a line end in it");
    }
    fields.add(new Field(name, text));
    return this;
  }

  byte[] toBytes() {
    StringBuilder text = new StringBuilder(header(kind, VERSION)).append('\n');
    for (Field field : fields) {
      text.append(field.name).append(" = ").append(field.value).append('\n');
    }
    String crc = crc(text.toString().getBytes(UTF_8));
    return text.append(CRC_FIELD).append(" = ").append(crc).append('\n').toString().getBytes(UTF_8);
  }

  /**
   * Reads a text of one kind.
   *
   * @throws Malformed where it is something else, of another version, or damaged
   */
  static CheckedText parse(String kind, byte[] bytes) throws Malformed {
    String text = new String(bytes, UTF_8);
    String[] lines = text.split("\n", -1);
    if (!lines[0].equals(header(kind, VERSION))) {
      String first = lines[0].length() > 80 ? lines[0].substring(0, 80) + "..." : lines[0];
      throw new Malformed(
          "begins with \"" + first + "\", expected \"" + header(kind, VERSION) + "\"");
    }
    int end = text.lastIndexOf(CRC_FIELD + " = ");
    if (end < 0 || lines.length < 3 || !lines[lines.length - 1].isEmpty()) {
      throw new Malformed("ends without its checksum");
    }
    String expected = text.substring(end).strip();
    String found = CRC_FIELD + " = " + crc(text.substring(0, end).getBytes(UTF_8));
    if (!expected.equals(found)) {
      throw new Malformed("says " + expected + ", but its bytes give " + found);
    }
    List<Field> fields = new ArrayList<>();
    for (String line : List.of(lines).subList(1, lines.length - 2)) {
      int equals = line.indexOf(" = ");
      if (equals < 0) {
        throw new Malformed("has the line \"" + line + "\", expected name = value");
      }
      fields.add(new Field(line.substring(0, equals), line.substring(equals + 3)));
    }
    return new CheckedText(kind, fields);
  }

  /** The one value of a field. */
  String one(String name) throws Malformed {
    List<String> values = all(name);
    if (values.size() != 1) {
      throw new Malformed("has " + values.size() + " fields " + name + ", expected one");
    }
    return values.getFirst();
  }

  List<String> all(String name) {
    return fields.stream().filter(field -> field.name.equals(name)).map(Field::value).toList();
  }

  private static String header(String kind, int version) {
    return "raft-tsdb " + kind + " " + version;
  }

  private static String crc(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return HexFormat.of().toHexDigits((int) crc.getValue());
  }
}
