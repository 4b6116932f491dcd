package io.rafttsdb.node.cluster;

import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.Digest;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a node has built and no majority yet, as nodes tell each other: a line {@code ULID SHA256
 * BYTES SERIES CHUNKS SAMPLES} each.
 */
final class BuiltBlocksText {

  /** More than can wait at one time. */
  static final int BLOCKS_MAX = 10_000;

  private static final int FIELDS = 6;

  private BuiltBlocksText() {}

  static String encode(Map<Ulid, BlockFacts> built) {
    StringBuilder text = new StringBuilder();
    new TreeMap<>(built)
        .forEach((ulid, facts) ->
            text.append(ulid)
                .append(' ')
                .append(facts.checksum())
                .append(' ')
                .append(facts.sizeBytes())
                .append(' ')
                .append(facts.series())
                .append(' ')
                .append(facts.chunks())
                .append(' ')
                .append(facts.samples())
                .append('\n'));
    return text.toString();
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws IOException where the text is something else
   */
  static Map<Ulid, BlockFacts> decode(String text) throws IOException {
    Map<Ulid, BlockFacts> built = new TreeMap<>();
    for (String line : text.lines().toList()) {
      String[] fields = line.split(" ", -1);
      if (fields.length != FIELDS || built.size() == BLOCKS_MAX) {
        throw new IOException("expected a block and its facts, got \"" + line + "\"");
      }
      try {
        built.put(
            Ulid.parse(fields[0]),
            new BlockFacts(
                Digest.of(HexFormat.of().parseHex(fields[1])),
                Long.parseLong(fields[2]),
                Long.parseLong(fields[3]),
                Long.parseLong(fields[4]),
                Long.parseLong(fields[5])));
      } catch (IllegalArgumentException e) {
        throw new IOException("expected a block and its facts, got \"" + line + "\"", e);
      }
    }
    return built;
  }
}
