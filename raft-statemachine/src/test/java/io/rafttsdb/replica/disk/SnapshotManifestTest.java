package io.rafttsdb.replica.disk;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.storage.manifest.Digest;
import io.rafttsdb.storage.model.BlockFile;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class SnapshotManifestTest {

  private static final SnapshotManifest MANIFEST =
      new SnapshotManifest(
          new UUID(0x0102030405060708L, 0x090a0b0c0d0e0f10L),
          3,
          40,
          "00ff7f",
          List.of(
              new SnapshotFile("head", 1_000_000, 0x12345678),
              new SnapshotFile("chunks_head/000001", 5, -1)),
          List.of(
              new SnapshotBlock(
                  new Ulid(7, 8),
                  new Digest(1, 2, 3, 4),
                  List.of(
                      new BlockFile("meta.json", 300),
                      new BlockFile("index", 4_000),
                      new BlockFile("chunks/000001", 1L << 40)))),
          List.of("node1-abc 127.0.0.1:1 127.0.0.1:2", "nöde2-d [::1]:3 [::1]:4"));

  @Test
  void theGoldenManifestIsReadAndWritten() throws Exception {
    byte[] golden;
    try (InputStream in =
        Objects.requireNonNull(
            SnapshotManifestTest.class.getResourceAsStream("snapshot-manifest-v2.hex"))) {
      golden =
          HexFormat.of().parseHex(new String(in.readAllBytes(), US_ASCII).replaceAll("\\s", ""));
    }
    assertThat(SnapshotManifest.decode(golden)).isEqualTo(MANIFEST);
    assertThat(HexFormat.of().formatHex(MANIFEST.encode()))
        .isEqualTo(HexFormat.of().formatHex(golden));
  }

  @Test
  void damagedBytesAreNoManifest() {
    byte[] sound = MANIFEST.encode();
    for (int i = 0; i < sound.length; i++) {
      byte[] flipped = sound.clone();
      flipped[i] ^= 1;
      assertThatThrownBy(() -> SnapshotManifest.decode(flipped)).isInstanceOf(IOException.class);
      byte[] cut = Arrays.copyOf(sound, i);
      assertThatThrownBy(() -> SnapshotManifest.decode(cut)).isInstanceOf(IOException.class);
    }
  }

  /** Bytes of another program, with a right checksum: an error, and no memory taken for them. */
  @Test
  void whateverTheBytesSayIsAManifestOrAnError() {
    byte[] sound = MANIFEST.encode();
    for (int i = 0; i < sound.length - Integer.BYTES; i++) {
      for (int value : new int[] {0, 0x7f, 0xff}) {
        byte[] other = sound.clone();
        other[i] = (byte) value;
        CRC32C crc = new CRC32C();
        crc.update(other, 0, other.length - Integer.BYTES);
        ByteBuffer.wrap(other).putInt(other.length - Integer.BYTES, (int) crc.getValue());
        try {
          assertThat(SnapshotManifest.decode(other).encode()).isNotEmpty();
        } catch (IOException e) {
          assertThat(e).hasMessageNotContaining("null");
        }
      }
    }
  }

  @Test
  void aPathNeverLeadsOutOfTheSnapshot() {
    for (String path :
        List.of(
            "",
            "/head",
            "head/",
            "..",
            "../head",
            "a/../b",
            "a//b",
            "a.b",
            "manifest",
            "blocks",
            "blocks/x",
            "a/b/c/d/e",
            "a\\b",
            "a\nb",
            "HEAD")) {
      assertThatIllegalArgumentException().isThrownBy(() -> new SnapshotFile(path, 1, 1));
    }
    assertThatIllegalArgumentException().isThrownBy(() -> new BlockFile("chunks/../index", 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new BlockFile("tombstones", 1));
  }
}
