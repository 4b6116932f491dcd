package io.rafttsdb.node.backup;

import io.rafttsdb.node.http.HttpRequest;
import io.rafttsdb.replica.backup.BackupBlock;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.Digest;
import io.rafttsdb.storage.model.Ulid;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A block as parameters of a request between nodes. */
final class BlockText {

  private BlockText() {}

  static Map<String, String> parameters(BackupBlock block) {
    return Map.of(
        "ulid", block.ulid().toString(),
        "min", Long.toString(block.minMs()),
        "max", Long.toString(block.endMs()),
        "checksum", block.facts().checksum().toString(),
        "size", Long.toString(block.facts().sizeBytes()),
        "series", Long.toString(block.facts().series()),
        "chunks", Long.toString(block.facts().chunks()),
        "samples", Long.toString(block.facts().samples()));
  }

  /**
   * Reads the parameters.
   *
   * @throws IllegalArgumentException where one is missing or wrong
   */
  static BackupBlock block(HttpRequest request) {
    return new BackupBlock(
        Ulid.parse(text(request, "ulid")),
        number(request, "min"),
        number(request, "max"),
        new BlockFacts(
            Digest.of(HexFormat.of().parseHex(text(request, "checksum"))),
            number(request, "size"),
            number(request, "series"),
            number(request, "chunks"),
            number(request, "samples")));
  }

  static String text(HttpRequest request, String name) {
    @Nullable String value = request.parameter(name);
    if (value == null) {
      throw new IllegalArgumentException("parameter " + name + " is missing");
    }
    return value;
  }

  static long number(HttpRequest request, String name) {
    return Long.parseLong(text(request, name));
  }
}
