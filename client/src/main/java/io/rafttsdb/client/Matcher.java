package io.rafttsdb.client;

import com.google.protobuf.CodedOutputStream;
import java.io.IOException;

/** A condition on one label of a series; a label that the series lacks counts as empty. */
public record Matcher(Type type, String name, String value) {

  /** How a label's value is compared. */
  public enum Type {
    EQUAL(0),
    NOT_EQUAL(1),
    /** RE2 syntax, matched against the whole value. */
    REGEX(2),
    NOT_REGEX(3);

    /** As remote read numbers it. */
    private final int code;

    Type(int code) {
      this.code = code;
    }
  }

  private static final int TYPE = 1;
  private static final int NAME = 2;
  private static final int VALUE = 3;

  public static Matcher equal(String name, String value) {
    return new Matcher(Type.EQUAL, name, value);
  }

  public static Matcher regex(String name, String value) {
    return new Matcher(Type.REGEX, name, value);
  }

  int size() {
    return CodedOutputStream.computeEnumSize(TYPE, type.code)
        + CodedOutputStream.computeStringSize(NAME, name)
        + CodedOutputStream.computeStringSize(VALUE, value);
  }

  void writeTo(CodedOutputStream out) throws IOException {
    out.writeEnum(TYPE, type.code);
    out.writeString(NAME, name);
    out.writeString(VALUE, value);
  }
}
