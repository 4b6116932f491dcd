package io.rafttsdb.node.backup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.replica.backup.BackupBlock;
import io.rafttsdb.replica.backup.ShardBackup;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.Digest;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BackupJsonTest {

  private static final BackupDescription BACKUP =
      new BackupDescription(
          "20261125T081500Z-0f3a77c1d2e4b596",
          "7c9e6679-7425-40de-944b-e07fc1f90ae7",
          "node \"ä\"",
          List.of(
              new ShardBackup(
                  3,
                  17,
                  new Settings(7_200_000, 60_000),
                  1_700_000_000_001L,
                  1_700_000_000_000L,
                  List.of(
                      block(2, -7_200_000, 0), block(1, 1_699_999_200_000L, 1_700_000_000_001L))),
              new ShardBackup(0, -1, null, Long.MIN_VALUE, Long.MIN_VALUE, List.of())));

  private static BackupBlock block(int number, long minMs, long endMs) {
    return new BackupBlock(
        new Ulid(1, number),
        minMs,
        endMs,
        new BlockFacts(new Digest(number, -2, 3, 4), 123_456_789_012L, 5, 300, 36_000));
  }

  @Test
  void itIsReadAsItWasWritten() throws IOException {
    assertThat(BackupJson.read(BackupJson.write(BACKUP))).isEqualTo(BACKUP);
    assertThat(BACKUP.upToMs()).isEqualTo(1_700_000_000_001L);
    assertThat(BACKUP.blocks()).extracting(BackupBlock::minMs).isSorted();
  }

  /** A backup of this version must be readable for ever. */
  @Test
  void versionOneStaysReadable() throws IOException {
    byte[] golden;
    try (InputStream in = BackupJsonTest.class.getResourceAsStream("backup-v1.json")) {
      assertThat(in).as(new String(BackupJson.write(BACKUP), UTF_8)).isNotNull();
      golden = in.readAllBytes();
    }
    assertThat(BackupJson.read(golden)).isEqualTo(BACKUP);
    assertThat(new String(BackupJson.write(BACKUP), UTF_8)).isEqualTo(new String(golden, UTF_8));
  }

  @Test
  void anyOtherByteIsFound() {
    byte[] bytes = BackupJson.write(BACKUP);
    for (int i = 0; i < bytes.length; i++) {
      byte[] damaged = bytes.clone();
      damaged[i] ^= 1;
      assertThatThrownBy(() -> BackupJson.read(damaged)).isInstanceOf(IOException.class);
    }
    assertThatThrownBy(() -> BackupJson.read(new byte[0])).isInstanceOf(IOException.class);
  }
}
