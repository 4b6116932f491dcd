package io.rafttsdb.node.cluster;

import io.rafttsdb.storage.model.BlockFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The files of a block as nodes tell each other: a line {@code SIZE NAME} each. */
final class BlockListText {

  /** More files than any block has: segments are of half a GiB. */
  static final int FILES_MAX = 10_000;

  private static final Pattern LINE = Pattern.compile("(\\d{1,18}) (\\S{1,64})");

  private BlockListText() {}

  static String encode(List<BlockFile> files) {
    StringBuilder text = new StringBuilder();
    files.forEach(
        file -> text.append(file.sizeBytes()).append(' ').append(file.name()).append('\n'));
    return text.toString();
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws IOException where the text is something else
   */
  static List<BlockFile> decode(String text) throws IOException {
    List<BlockFile> files = new ArrayList<>();
    for (String line : text.lines().toList()) {
      Matcher matcher = LINE.matcher(line);
      if (!matcher.matches() || files.size() == FILES_MAX) {
        throw new IOException("expected a size and the name of a file, got \"" + line + "\"");
      }
      try {
        files.add(new BlockFile(matcher.group(2), Long.parseLong(matcher.group(1))));
      } catch (IllegalArgumentException e) {
        throw new IOException("no file of a block: " + e.getMessage(), e);
      }
    }
    return files;
  }
}
