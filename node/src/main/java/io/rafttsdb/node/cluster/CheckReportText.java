package io.rafttsdb.node.cluster;

import io.rafttsdb.node.cluster.CheckedText.Malformed;
import io.rafttsdb.replica.check.CheckReport;
import io.rafttsdb.replica.check.StateHash;
import io.rafttsdb.storage.manifest.Digest;
import io.rafttsdb.storage.model.Ulid;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * What a node says of its state, as nodes tell each other: a {@link CheckedText} with one field
 * {@code applied = INDEX}, one {@code settled = INDEX} and for each hash, oldest first, {@code
 * state = INDEX NAME SHA256}.
 */
final class CheckReportText {

  private static final String KIND = "check";

  private CheckReportText() {}

  static byte[] encode(CheckReport report) {
    CheckedText text =
        new CheckedText(KIND)
            .with("applied", report.appliedIndex())
            .with("settled", report.settledIndex());
    for (StateHash state : report.hashes()) {
      text.with("state", state.index() + " " + state.name() + " " + state.hash());
    }
    return text.toBytes();
  }

  /** Reads what {@link #encode} wrote. */
  static CheckReport decode(byte[] bytes) throws Malformed {
    CheckedText text = CheckedText.parse(KIND, bytes);
    try {
      List<StateHash> hashes = new ArrayList<>();
      for (String state : text.all("state")) {
        String[] parts = state.split(" ", -1);
        if (parts.length != 3) {
          throw new Malformed("has the state \"" + state + "\"");
        }
        hashes.add(
            new StateHash(
                Long.parseLong(parts[0]),
                Ulid.parse(parts[1]),
                Digest.of(HexFormat.of().parseHex(parts[2]))));
      }
      return new CheckReport(
          Long.parseLong(text.one("applied")), Long.parseLong(text.one("settled")), hashes);
    } catch (IllegalArgumentException e) {
      throw new Malformed("has a field that is none: " + e.getMessage(), e);
    }
  }
}
