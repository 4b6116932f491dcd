package io.rafttsdb.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.node.config.Address;
import io.rafttsdb.node.config.MemberAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataDirectoryTest {

  private static final ClusterMember ONE = member("node1", "0123456789abcdef", "127.0.0.1");
  private static final ClusterMember TWO = member("node2", "fedcba9876543210", "::1");
  private static final Identity.Joined JOINED =
      new Identity.Joined(
          UUID.fromString("0f8fad5b-d9cb-469f-a165-70867728950e"),
          "node2",
          new ClusterShape(7_200_000, 3),
          List.of(ONE, TWO));

  @TempDir Path temporary;

  @Test
  void everyIdentityIsReadBackAsItWasSaved() throws Exception {
    List<Identity> identities =
        List.of(
            new Identity.Empty("node2"),
            new Identity.Prepared("node2", "fedcba9876543210", "0123456789abcdef"),
            JOINED,
            new Identity.Joined(
                JOINED.clusterId(),
                "node2",
                new ClusterShape(1000, 1),
                List.of(TWO),
                Identity.Origin.ADDED),
            new Identity.Removed(JOINED.clusterId(), "node2", "fedcba9876543210"));
    for (Identity identity : identities) {
      try (DataDirectory directory = DataDirectory.open(temporary.resolve("data"), "node2")) {
        directory.save(identity);
      }
      try (DataDirectory directory = DataDirectory.open(temporary.resolve("data"), "node2")) {
        assertThat(directory.load()).isEqualTo(identity);
      }
    }
  }

  /** The golden file of version 1: later versions of this code must read it. */
  @Test
  void version1IsReadAndWrittenAsTheGoldenFileHasIt() throws Exception {
    byte[] golden;
    try (var stream = getClass().getResourceAsStream("identity-1")) {
      assertThat(stream).isNotNull();
      golden = stream.readAllBytes();
    }

    assertThat(IdentityText.decode(golden)).isEqualTo(JOINED);
    assertThat(IdentityText.encode(JOINED)).isEqualTo(golden);
  }

  @Test
  void aSecondHolderIsRefused() throws Exception {
    try (DataDirectory first = DataDirectory.open(temporary, "node1")) {
      assertThat(first.load()).isInstanceOf(Identity.Empty.class);
      assertThatThrownBy(() -> DataDirectory.open(temporary, "node1"))
          .isInstanceOf(StartRefused.class)
          .hasMessageContaining("in use by another process");
    }
    DataDirectory.open(temporary, "node1").close();
  }

  @Test
  void aDirectoryWithDataButNoIdentityIsNotEmpty() throws Exception {
    Files.createDirectory(temporary.resolve("lost+found"));
    try (DataDirectory directory = DataDirectory.open(temporary, "node1")) {
      assertThat(directory.load()).isEqualTo(new Identity.Empty("node1"));

      Files.createDirectory(temporary.resolve("wal"));

      assertThatThrownBy(directory::load)
          .isInstanceOf(StartRefused.class)
          .hasMessageContaining("holds [wal]");
    }
  }

  @Test
  void anUnfinishedFileOfACrashIsSweptAway() throws Exception {
    Files.writeString(temporary.resolve("identity.tmp"), "raft-tsdb iden");

    try (DataDirectory directory = DataDirectory.open(temporary, "node1")) {
      assertThat(directory.load()).isEqualTo(new Identity.Empty("node1"));
      assertThat(temporary.resolve("identity.tmp")).doesNotExist();
    }
  }

  @Test
  void everyFlippedBitIsNoticed() throws Exception {
    byte[] bytes = IdentityText.encode(JOINED);
    for (int bit = 0; bit < bytes.length * 8; bit++) {
      byte[] damaged = bytes.clone();
      damaged[bit / 8] ^= (byte) (1 << (bit % 8));
      assertThatThrownBy(() -> IdentityText.decode(damaged))
          .as("bit %d", bit)
          .isInstanceOf(CheckedText.Malformed.class);
    }
  }

  @Test
  void aDamagedOrNewerFileStopsTheStart() throws Exception {
    try (DataDirectory directory = DataDirectory.open(temporary, "node2")) {
      directory.save(JOINED);
      Path file = temporary.resolve("identity");
      String text = Files.readString(file);

      Files.writeString(file, text.replace("127.0.0.1:9090", "127.0.0.2:9090"));
      assertThatThrownBy(directory::load)
          .isInstanceOf(StartRefused.class)
          .hasMessageContaining("says crc32c = ");

      Files.writeString(file, text.replace("identity 1", "identity 2"));
      assertThatThrownBy(directory::load)
          .isInstanceOf(StartRefused.class)
          .hasMessageContaining("begins with \"raft-tsdb identity 2\", expected");

      Files.writeString(file, text.substring(0, 40));
      assertThatThrownBy(directory::load).isInstanceOf(StartRefused.class);
    }
  }

  private static ClusterMember member(String name, String incarnation, String host) {
    return new ClusterMember(
        new MemberAddress(name, new Address(host, 9090), new Address(host, 10090)), incarnation);
  }
}
