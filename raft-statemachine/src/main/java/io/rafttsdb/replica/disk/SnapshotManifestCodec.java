package io.rafttsdb.replica.disk;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rafttsdb.storage.manifest.Digest;
import io.rafttsdb.storage.model.BlockFile;
import io.rafttsdb.storage.model.Ulid;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;

/** The bytes of a {@link SnapshotManifest} (docs/format/snapshot.md). */
final class SnapshotManifestCodec {
  private static final int MAGIC = 0x5254534d; // RTSM
  private static final int VERSION = 2;
  private static final int BYTES_MIN = 12;

  private SnapshotManifestCodec() {}

  static byte[] encode(SnapshotManifest manifest) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      DataOutputStream out = new DataOutputStream(bytes);
      write(manifest, out);
      out.writeInt(crc(bytes.toByteArray(), bytes.size()));
    } catch (IOException e) {
      throw new UncheckedIOException("an array takes every byte", e);
    }
    return bytes.toByteArray();
  }

  private static void write(SnapshotManifest manifest, DataOutputStream out) throws IOException {
    out.writeInt(MAGIC);
    out.writeInt(VERSION);
    out.writeLong(manifest.clusterId().getMostSignificantBits());
    out.writeLong(manifest.clusterId().getLeastSignificantBits());
    out.writeLong(manifest.term());
    out.writeLong(manifest.index());
    writeBytes(out, HexFormat.of().parseHex(manifest.stateHash()));
    out.writeInt(manifest.files().size());
    for (SnapshotFile file : manifest.files()) {
      writeBytes(out, file.path().getBytes(UTF_8));
      out.writeLong(file.sizeBytes());
      out.writeInt(file.crc());
    }
    out.writeInt(manifest.blocks().size());
    for (SnapshotBlock block : manifest.blocks()) {
      out.writeLong(block.ulid().high());
      out.writeLong(block.ulid().low());
      out.write(block.checksum().toBytes());
      out.writeInt(block.files().size());
      for (BlockFile file : block.files()) {
        writeBytes(out, file.name().getBytes(UTF_8));
        out.writeLong(file.sizeBytes());
      }
    }
    out.writeShort(manifest.members().size());
    for (String member : manifest.members()) {
      writeBytes(out, member.getBytes(UTF_8));
    }
  }

  static SnapshotManifest decode(byte[] bytes) throws IOException {
    if (bytes.length < BYTES_MIN) {
      throw new IOException("a snapshot manifest of only " + bytes.length + " bytes");
    }
    int bodyEnd = bytes.length - Integer.BYTES;
    int expected = ByteBuffer.wrap(bytes).getInt(bodyEnd);
    int found = crc(bytes, bodyEnd);
    if (expected != found) {
      throw new IOException(
          "a snapshot manifest with checksum " + expected + ", its bytes give " + found);
    }
    DataInputStream in =
        new DataInputStream(new ByteArrayInputStream(Arrays.copyOf(bytes, bodyEnd)));
    int magic = in.readInt();
    int version = in.readInt();
    if (magic != MAGIC || version != VERSION) {
      throw new IOException("no snapshot manifest of version " + VERSION + ", found " + version);
    }
    try {
      SnapshotManifest manifest = read(in);
      if (in.available() > 0) {
        throw new IOException("a snapshot manifest with " + in.available() + " bytes more");
      }
      return manifest;
    } catch (IllegalArgumentException e) {
      throw new IOException("no snapshot manifest: " + e.getMessage(), e);
    }
  }

  private static SnapshotManifest read(DataInputStream in) throws IOException {
    UUID clusterId = new UUID(in.readLong(), in.readLong());
    long term = in.readLong();
    long index = in.readLong();
    String stateHash = HexFormat.of().formatHex(readBytes(in));
    List<SnapshotFile> files = new ArrayList<>();
    for (int left = count(in); left > 0; left--) {
      files.add(new SnapshotFile(readText(in), in.readLong(), in.readInt()));
    }
    List<SnapshotBlock> blocks = new ArrayList<>();
    for (int left = count(in); left > 0; left--) {
      blocks.add(readBlock(in));
    }
    List<String> members = new ArrayList<>();
    for (int left = in.readUnsignedShort(); left > 0; left--) {
      members.add(readText(in));
    }
    return new SnapshotManifest(clusterId, term, index, stateHash, files, blocks, members);
  }

  private static SnapshotBlock readBlock(DataInputStream in) throws IOException {
    Ulid ulid = new Ulid(in.readLong(), in.readLong());
    byte[] checksum = new byte[Digest.BYTES];
    in.readFully(checksum);
    List<BlockFile> files = new ArrayList<>();
    for (int left = count(in); left > 0; left--) {
      files.add(new BlockFile(readText(in), in.readLong()));
    }
    return new SnapshotBlock(ulid, Digest.of(checksum), files);
  }

  /** A count of elements, each of which takes some bytes of what is left. */
  private static int count(DataInputStream in) throws IOException {
    int count = in.readInt();
    if (count < 0 || count > in.available()) {
      throw new IOException(count + " elements in " + in.available() + " bytes");
    }
    return count;
  }

  private static int crc(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }

  private static void writeBytes(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeShort(bytes.length);
    out.write(bytes);
  }

  private static String readText(DataInputStream in) throws IOException {
    return new String(readBytes(in), UTF_8);
  }

  private static byte[] readBytes(DataInputStream in) throws IOException {
    byte[] bytes = new byte[in.readUnsignedShort()];
    in.readFully(bytes);
    return bytes;
  }
}
