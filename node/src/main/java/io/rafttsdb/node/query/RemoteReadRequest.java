package io.rafttsdb.node.query;

import com.google.protobuf.CodedInputStream;
import io.rafttsdb.storage.model.Matcher;
import io.rafttsdb.storage.model.Selection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Decodes message {@code prometheus.ReadRequest}. Hints are not looked at. */
final class RemoteReadRequest {

  private static final int REQUEST_QUERY = 0x0a;
  private static final int QUERY_START = 0x08;
  private static final int QUERY_END = 0x10;
  private static final int QUERY_MATCHER = 0x1a;
  private static final int MATCHER_TYPE = 0x08;
  private static final int MATCHER_NAME = 0x12;
  private static final int MATCHER_VALUE = 0x1a;

  /** In the order of their numbers in the protocol. */
  private static final List<Matcher.Type> TYPES =
      List.of(
          Matcher.Type.EQUAL, Matcher.Type.NOT_EQUAL, Matcher.Type.REGEX, Matcher.Type.NOT_REGEX);

  private RemoteReadRequest() {}

  /**
   * What each query selects.
   *
   * @throws IOException where the bytes are no such message
   * @throws IllegalArgumentException where a matcher or a range makes no sense
   */
  static List<Selection> selections(byte[] message) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(message);
    List<Selection> selections = new ArrayList<>();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == REQUEST_QUERY) {
        int outer = in.pushLimit(in.readRawVarint32());
        selections.add(query(in));
        in.popLimit(outer);
      } else {
        boolean _ = in.skipField(tag);
      }
    }
    return selections;
  }

  private static Selection query(CodedInputStream in) throws IOException {
    long startMs = 0;
    long endMs = 0;
    List<Matcher> matchers = new ArrayList<>();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case QUERY_START -> startMs = in.readInt64();
        case QUERY_END -> endMs = in.readInt64();
        case QUERY_MATCHER -> {
          int outer = in.pushLimit(in.readRawVarint32());
          matchers.add(matcher(in));
          in.popLimit(outer);
        }
        default -> {
          boolean _ = in.skipField(tag);
        }
      }
    }
    return new Selection(matchers, startMs, endMs);
  }

  private static Matcher matcher(CodedInputStream in) throws IOException {
    int type = 0;
    String name = "";
    String value = "";
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case MATCHER_TYPE -> type = in.readEnum();
        case MATCHER_NAME -> name = in.readStringRequireUtf8();
        case MATCHER_VALUE -> value = in.readStringRequireUtf8();
        default -> {
          boolean _ = in.skipField(tag);
        }
      }
    }
    if (type < 0 || type >= TYPES.size()) {
      throw new IllegalArgumentException("matcher of type " + type + ", expected 0 to 3");
    }
    return new Matcher(TYPES.get(type), name, value);
  }
}
