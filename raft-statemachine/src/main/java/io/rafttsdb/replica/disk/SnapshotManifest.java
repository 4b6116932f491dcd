package io.rafttsdb.replica.disk;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * What a snapshot directory holds (docs/format/snapshot.md): the state after exactly one entry.
 *
 * @param clusterId whose state it is
 * @param term of the last entry
 * @param index of the last entry
 * @param stateHash of the state in hexadecimal digits, equal on every replica at this index
 * @param imageBytes length of the image file
 * @param imageCrc CRC32C over the image file
 * @param members of the cluster as of that entry, as Ratis names them
 */
public record SnapshotManifest(
    UUID clusterId,
    long term,
    long index,
    String stateHash,
    long imageBytes,
    int imageCrc,
    List<String> members) {

  static final String FILE_NAME = "manifest";

  private static final int MAGIC = 0x5254534d; // RTSM
  private static final int VERSION = 1;
  private static final int BYTES_MAX = 1 << 20;
  private static final int MEMBERS_MAX = 1000;

  public SnapshotManifest {
    if (term < 0 || index < 0 || imageBytes < 0) {
      throw new IllegalArgumentException(
          "snapshot of term " + term + ", index " + index + ", " + imageBytes + " bytes");
    }
    members = List.copyOf(members);
  }

  /** Name of the snapshot and of its directory. */
  public String name() {
    return term + "_" + index;
  }

  void write(Path directory) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(MAGIC);
    out.writeInt(VERSION);
    out.writeLong(clusterId.getMostSignificantBits());
    out.writeLong(clusterId.getLeastSignificantBits());
    out.writeLong(term);
    out.writeLong(index);
    writeBytes(out, HexFormat.of().parseHex(stateHash));
    out.writeLong(imageBytes);
    out.writeInt(imageCrc);
    out.writeShort(members.size());
    for (String member : members) {
      writeBytes(out, member.getBytes(UTF_8));
    }
    CRC32C crc = new CRC32C();
    crc.update(bytes.toByteArray());
    out.writeInt((int) crc.getValue());
    Fsync.write(directory.resolve(FILE_NAME), bytes.toByteArray());
  }

  static SnapshotManifest read(Path directory) throws IOException {
    Path file = directory.resolve(FILE_NAME);
    if (Files.size(file) > BYTES_MAX) {
      throw new IOException(file + " has " + Files.size(file) + " bytes, at most " + BYTES_MAX);
    }
    byte[] bytes = Files.readAllBytes(file);
    if (bytes.length < 12) {
      throw new IOException(file + " has only " + bytes.length + " bytes");
    }
    int bodyEnd = bytes.length - 4;
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, bodyEnd);
    int expected = ByteBuffer.wrap(bytes).getInt(bodyEnd);
    if (expected != (int) crc.getValue()) {
      throw new IOException(
          file + " has checksum " + expected + ", its bytes give " + (int) crc.getValue());
    }
    DataInputStream in =
        new DataInputStream(new ByteArrayInputStream(Arrays.copyOf(bytes, bodyEnd)));
    int magic = in.readInt();
    int version = in.readInt();
    if (magic != MAGIC || version != VERSION) {
      throw new IOException(
          file + " is no snapshot manifest of version " + VERSION + ", found " + version);
    }
    return readBody(in);
  }

  private static SnapshotManifest readBody(DataInputStream in) throws IOException {
    UUID clusterId = new UUID(in.readLong(), in.readLong());
    long term = in.readLong();
    long index = in.readLong();
    String stateHash = HexFormat.of().formatHex(readBytes(in));
    long imageBytes = in.readLong();
    int imageCrc = in.readInt();
    int count = in.readUnsignedShort();
    if (count > MEMBERS_MAX) {
      throw new IOException("manifest with " + count + " members, at most " + MEMBERS_MAX);
    }
    List<String> members = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      members.add(new String(readBytes(in), UTF_8));
    }
    return new SnapshotManifest(clusterId, term, index, stateHash, imageBytes, imageCrc, members);
  }

  private static void writeBytes(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeShort(bytes.length);
    out.write(bytes);
  }

  private static byte[] readBytes(DataInputStream in) throws IOException {
    byte[] bytes = new byte[in.readUnsignedShort()];
    in.readFully(bytes);
    return bytes;
  }
}
