package io.rafttsdb.node.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.node.cluster.CheckedText.Malformed;
import io.rafttsdb.replica.check.CheckReport;
import io.rafttsdb.replica.check.StateHash;
import io.rafttsdb.storage.manifest.Digest;
import io.rafttsdb.storage.model.Ulid;
import java.util.List;
import org.junit.jupiter.api.Test;

final class CheckReportTextTest {

  private static final CheckReport REPORT =
      new CheckReport(
          17,
          9,
          List.of(
              new StateHash(5, new Ulid(1, 2), new Digest(-1, 2, 3, 4)),
              new StateHash(9, new Ulid(-1, -2), new Digest(0, 0, 0, 0))));

  @Test
  void itIsReadAsItWasWritten() throws Exception {
    assertThat(CheckReportText.decode(CheckReportText.encode(REPORT))).isEqualTo(REPORT);
    CheckReport none = new CheckReport(-1, -1, List.of());
    assertThat(CheckReportText.decode(CheckReportText.encode(none))).isEqualTo(none);
  }

  @Test
  void anotherTextIsNone() {
    String text = new String(CheckReportText.encode(REPORT), UTF_8);
    assertThat(text).startsWith("raft-tsdb check 1\napplied = 17\nsettled = 9\nstate = 5 ");
    for (int i = 0; i < text.length() - 1; i++) {
      byte[] damaged = text.getBytes(UTF_8);
      damaged[i] ^= 1;
      assertThatThrownBy(() -> CheckReportText.decode(damaged)).isInstanceOf(Malformed.class);
    }
    for (String state : List.of("1", "x 00000000000000000000000001 00", "1 2 3")) {
      byte[] wrong = new CheckedText("check").with("applied", 1).with("state", state).toBytes();
      assertThatThrownBy(() -> CheckReportText.decode(wrong)).isInstanceOf(Malformed.class);
    }
  }
}
