package io.rafttsdb.storage.manifest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rafttsdb.storage.manifest.ManifestPart.Origin;
import io.rafttsdb.storage.manifest.ManifestPart.Parent;
import io.rafttsdb.storage.model.Matcher;
import io.rafttsdb.storage.model.Ulid;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A manifest as bytes: equal manifests give equal bytes, which count for the state hash.
 * docs/format/manifest.md shows the layout.
 */
public final class ManifestCodec {

  /** First byte. */
  public static final int VERSION = 1;

  /** In the order of their codes, from 0. */
  private static final List<Origin> ORIGINS =
      List.of(Origin.HEAD, Origin.OUT_OF_ORDER, Origin.COMPACTION, Origin.IMPORT);

  private static final List<Matcher.Type> TYPES =
      List.of(
          Matcher.Type.EQUAL, Matcher.Type.NOT_EQUAL, Matcher.Type.REGEX, Matcher.Type.NOT_REGEX);

  private static final int WITHOUT_FACTS = 0;
  private static final int WITH_FACTS = 1;
  private static final int PART_BYTES_MIN = 40;

  private ManifestCodec() {}

  public static byte[] encode(Manifest manifest) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      out.writeLong(manifest.lastDelete());
      out.writeInt(manifest.parts().size());
      for (ManifestPart part : manifest.parts()) {
        encode(part, out);
      }
      out.writeInt(manifest.compactions().size());
      for (OrderedCompaction compaction : manifest.compactions()) {
        encode(compaction.result(), out);
        encode(compaction.sources(), out);
        out.writeLong(compaction.bakedDelete());
      }
      encodeDeletes(manifest.deletes(), out);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return bytes.toByteArray();
  }

  private static void encode(ManifestPart part, DataOutputStream out) throws IOException {
    encode(part.ulid(), out);
    out.writeByte(ORIGINS.indexOf(part.origin()));
    out.writeLong(part.minMs());
    out.writeLong(part.endMs());
    out.writeInt(part.level());
    encode(part.sources(), out);
    out.writeLong(part.bakedDelete());
    out.writeInt(part.parents().size());
    for (Parent parent : part.parents()) {
      encode(parent.ulid(), out);
      encodeDeletes(parent.carriedOut(), out);
    }
    BlockFacts facts = part.facts();
    if (facts == null) {
      out.writeByte(WITHOUT_FACTS);
    } else {
      out.writeByte(WITH_FACTS);
      out.write(facts.checksum().toBytes());
      out.writeLong(facts.sizeBytes());
      out.writeLong(facts.series());
      out.writeLong(facts.chunks());
      out.writeLong(facts.samples());
    }
  }

  private static void encodeDeletes(List<BlockDelete> deletes, DataOutputStream out)
      throws IOException {
    out.writeInt(deletes.size());
    for (BlockDelete delete : deletes) {
      encode(delete, out);
    }
  }

  private static void encode(BlockDelete delete, DataOutputStream out) throws IOException {
    out.writeLong(delete.number());
    out.writeLong(delete.minMs());
    out.writeLong(delete.maxMs());
    out.writeInt(delete.matchers().size());
    for (Matcher matcher : delete.matchers()) {
      out.writeByte(TYPES.indexOf(matcher.type()));
      encode(matcher.name(), out);
      encode(matcher.value(), out);
    }
  }

  private static void encode(String text, DataOutputStream out) throws IOException {
    byte[] bytes = text.getBytes(UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static void encode(List<Ulid> ulids, DataOutputStream out) throws IOException {
    out.writeInt(ulids.size());
    for (Ulid ulid : ulids) {
      encode(ulid, out);
    }
  }

  private static void encode(Ulid ulid, DataOutputStream out) throws IOException {
    out.writeLong(ulid.high());
    out.writeLong(ulid.low());
  }

  /**
   * The manifest of its bytes.
   *
   * @throws IllegalArgumentException where they are none
   */
  public static Manifest decode(byte[] bytes) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int version = in.readUnsignedByte();
      if (version != VERSION) {
        throw new IllegalArgumentException(
            "manifest of version " + version + ", expected version " + VERSION);
      }
      long lastDelete = in.readLong();
      List<ManifestPart> parts = new ArrayList<>();
      for (int left = count(in, PART_BYTES_MIN); left > 0; left--) {
        parts.add(part(in));
      }
      List<OrderedCompaction> compactions = new ArrayList<>();
      for (int left = count(in, Long.BYTES); left > 0; left--) {
        compactions.add(new OrderedCompaction(ulid(in), ulids(in), in.readLong()));
      }
      List<BlockDelete> deletes = deletes(in);
      if (in.available() > 0) {
        throw new IllegalArgumentException(in.available() + " bytes after the manifest's end");
      }
      return new Manifest(parts, compactions, deletes, lastDelete);
    } catch (IOException e) {
      throw new IllegalArgumentException("manifest that ends after " + bytes.length + " bytes", e);
    }
  }

  private static ManifestPart part(DataInputStream in) throws IOException {
    Ulid ulid = ulid(in);
    Origin origin = constant(ORIGINS, in.readUnsignedByte(), "origin");
    long minMs = in.readLong();
    long endMs = in.readLong();
    int level = in.readInt();
    List<Ulid> sources = ulids(in);
    long bakedDelete = in.readLong();
    List<Parent> parents = new ArrayList<>();
    for (int left = count(in, 2 * Long.BYTES); left > 0; left--) {
      parents.add(new Parent(ulid(in), deletes(in)));
    }
    BlockFacts facts = null;
    if (in.readUnsignedByte() != WITHOUT_FACTS) {
      Digest checksum = Digest.of(bytes(in, Digest.BYTES));
      facts = new BlockFacts(checksum, in.readLong(), in.readLong(), in.readLong(), in.readLong());
    }
    return new ManifestPart(
        ulid, origin, minMs, endMs, level, sources, bakedDelete, parents, facts);
  }

  private static List<BlockDelete> deletes(DataInputStream in) throws IOException {
    List<BlockDelete> deletes = new ArrayList<>();
    for (int left = count(in, Long.BYTES); left > 0; left--) {
      deletes.add(delete(in));
    }
    return deletes;
  }

  private static BlockDelete delete(DataInputStream in) throws IOException {
    long number = in.readLong();
    long minMs = in.readLong();
    long maxMs = in.readLong();
    List<Matcher> matchers = new ArrayList<>();
    for (int left = count(in, 1); left > 0; left--) {
      Matcher.Type type = constant(TYPES, in.readUnsignedByte(), "matcher type");
      matchers.add(new Matcher(type, text(in), text(in)));
    }
    return new BlockDelete(number, matchers, minMs, maxMs);
  }

  private static <T> T constant(List<T> constants, int code, String what) {
    if (code >= constants.size()) {
      throw new IllegalArgumentException(
          what + " " + code + ", expected less than " + constants.size());
    }
    return constants.get(code);
  }

  private static String text(DataInputStream in) throws IOException {
    return new String(bytes(in, count(in, 1)), UTF_8);
  }

  private static List<Ulid> ulids(DataInputStream in) throws IOException {
    List<Ulid> ulids = new ArrayList<>();
    for (int left = count(in, 2 * Long.BYTES); left > 0; left--) {
      ulids.add(ulid(in));
    }
    return ulids;
  }

  private static Ulid ulid(DataInputStream in) throws IOException {
    return new Ulid(in.readLong(), in.readLong());
  }

  private static byte[] bytes(DataInputStream in, int length) throws IOException {
    byte[] bytes = new byte[length];
    in.readFully(bytes);
    return bytes;
  }

  /** A count of things that each take at least so many bytes; never more than can be there. */
  private static int count(DataInputStream in, int bytesEach) throws IOException {
    int count = in.readInt();
    if (count < 0 || count > in.available() / bytesEach) {
      throw new IllegalArgumentException(
          "count of " + count + " with " + in.available() + " bytes left");
    }
    return count;
  }
}
