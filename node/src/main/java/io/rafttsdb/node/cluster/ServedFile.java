package io.rafttsdb.node.cluster;

import io.rafttsdb.node.http.HttpReply;
import io.rafttsdb.node.http.HttpRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Answers a request for a file that another node pulls: the whole of it, or with {@code Range:
 * bytes=N-} what follows an offset, so that a pull goes on where an earlier one broke off. Ranges
 * of other forms are not understood and, as HTTP has it, ignored.
 */
final class ServedFile {
  private static final Pattern FROM = Pattern.compile("bytes=(\\d{1,18})-");
  private static final int OK = 200;
  private static final int PARTIAL_CONTENT = 206;
  private static final int NOT_FOUND = 404;
  private static final int RANGE_NOT_SATISFIABLE = 416;

  private ServedFile() {}

  /** Opens the file, as often as it is called; empty where there is none. */
  @FunctionalInterface
  interface Opening {
    Optional<FileChannel> open() throws IOException;
  }

  static HttpReply answer(HttpRequest request, Opening opening) throws IOException {
    long sizeBytes;
    try (FileChannel file = opening.open().orElse(null)) {
      if (file == null) {
        return HttpReply.text(NOT_FOUND, "this node has no such file");
      }
      sizeBytes = file.size();
    }
    long offset = offset(request.header("Range"));
    if (offset < 0) {
      return HttpReply.streamed(OK, HttpReply.BINARY, out -> write(opening, 0, out));
    }
    if (offset >= sizeBytes) {
      return HttpReply.text(RANGE_NOT_SATISFIABLE, "the file has " + sizeBytes + " bytes")
          .withHeader("Content-Range", "bytes */" + sizeBytes);
    }
    return HttpReply.streamed(PARTIAL_CONTENT, HttpReply.BINARY, out -> write(opening, offset, out))
        .withHeader("Content-Range", "bytes " + offset + "-" + (sizeBytes - 1) + "/" + sizeBytes);
  }

  /** Negative where the whole file is asked for. */
  private static long offset(@Nullable String range) {
    Matcher from = FROM.matcher(range == null ? "" : range.strip());
    return from.matches() ? Long.parseLong(from.group(1)) : -1;
  }

  /** The file is opened here, so that an answer which nobody fetches holds none. */
  private static void write(Opening opening, long offset, OutputStream out) throws IOException {
    try (FileChannel file =
        opening.open().orElseThrow(() -> new IOException("the file has gone"))) {
      var _ = Channels.newInputStream(file.position(offset)).transferTo(out);
    }
  }
}
