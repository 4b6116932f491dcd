package io.rafttsdb.replica.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupDirectoryTest {
  @TempDir private Path root;

  @Test
  void aBackupHasItsNameOnlyWhenItIsDone() throws Exception {
    Path backups = root.resolve("backups");
    BackupDirectory directory = new BackupDirectory(backups);
    directory.sweep(); // nothing there yet
    Path begun = directory.begin("20261125T081500Z-0f3a77c1d2e4b596");
    Files.createDirectory(begun.resolve("block"));
    assertThat(backups.resolve("20261125T081500Z-0f3a77c1d2e4b596")).doesNotExist();
    Path made = directory.publish("20261125T081500Z-0f3a77c1d2e4b596", new byte[] {1, 2});
    assertThat(made).isEqualTo(backups.resolve("20261125T081500Z-0f3a77c1d2e4b596"));
    assertThat(made.resolve(BackupDirectory.DESCRIPTION)).hasBinaryContent(new byte[] {1, 2});
    assertThat(made.resolve("block")).isDirectory();
    assertThat(begun).doesNotExist();
  }

  @Test
  void whatIsUnfinishedGoes() throws Exception {
    BackupDirectory directory = new BackupDirectory(root);
    Path crashed = directory.begin("crashed");
    Files.createDirectory(crashed.resolve("block"));
    Path abandoned = directory.begin("abandoned");
    directory.abandon("abandoned");
    assertThat(abandoned).doesNotExist();
    Path _ = directory.begin("done");
    Path done = directory.publish("done", new byte[1]);
    directory.sweep();
    assertThat(crashed).doesNotExist();
    assertThat(done).isDirectory();
  }

  @Test
  void aNameIsNoPath() {
    assertThatThrownBy(() -> new BackupDirectory(root).begin("../x"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
