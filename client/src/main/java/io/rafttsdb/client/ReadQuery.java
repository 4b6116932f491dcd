package io.rafttsdb.client;

import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * Selects raw samples.
 *
 * @param startMs first millisecond, inclusive
 * @param endMs last millisecond, inclusive
 * @param matchers all of which a series must satisfy
 */
public record ReadQuery(long startMs, long endMs, List<Matcher> matchers) {

  private static final int REQUEST_QUERY = 1;
  private static final int QUERY_START = 1;
  private static final int QUERY_END = 2;
  private static final int QUERY_MATCHER = 3;

  public ReadQuery {
    matchers = List.copyOf(matchers);
  }

  /** Message {@code prometheus.ReadRequest} with this one query, asking for plain samples. */
  byte[] toMessage() {
    byte[] message =
        new byte[CodedOutputStream.computeTagSize(REQUEST_QUERY) + sizeWithLength(size())];
    CodedOutputStream out = CodedOutputStream.newInstance(message);
    try {
      out.writeTag(REQUEST_QUERY, 2);
      out.writeUInt32NoTag(size());
      out.writeInt64(QUERY_START, startMs);
      out.writeInt64(QUERY_END, endMs);
      for (Matcher matcher : matchers) {
        out.writeTag(QUERY_MATCHER, 2);
        out.writeUInt32NoTag(matcher.size());
        matcher.writeTo(out);
      }
      out.checkNoSpaceLeft();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to an array of computed size", e);
    }
    return message;
  }

  private int size() {
    int size =
        CodedOutputStream.computeInt64Size(QUERY_START, startMs)
            + CodedOutputStream.computeInt64Size(QUERY_END, endMs);
    for (Matcher matcher : matchers) {
      size += CodedOutputStream.computeTagSize(QUERY_MATCHER) + sizeWithLength(matcher.size());
    }
    return size;
  }

  private static int sizeWithLength(int size) {
    return CodedOutputStream.computeUInt32SizeNoTag(size) + size;
  }
}
