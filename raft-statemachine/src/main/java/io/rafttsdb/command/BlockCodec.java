package io.rafttsdb.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.Digest;
import io.rafttsdb.storage.model.Matcher;
import io.rafttsdb.storage.model.SealedRange;
import io.rafttsdb.storage.model.Ulid;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;

/** The bodies of commands about blocks and deletes (docs/format/log-entry.md). */
final class BlockCodec {

  private static final int ULID_BYTES = 2 * Long.BYTES;

  /** In the order of their codes, from 0. */
  private static final List<Matcher.Type> MATCHER_TYPES =
      List.of(
          Matcher.Type.EQUAL, Matcher.Type.NOT_EQUAL, Matcher.Type.REGEX, Matcher.Type.NOT_REGEX);

  private static final int MATCHER_BYTES_MIN = 3;

  private BlockCodec() {}

  static void encode(LogCommand.CutHead cut, ByteWriter out) {
    out.u8(BlockFacts.BUILDER_VERSION);
    out.uvarint(ByteWriter.zigzag(cut.upToMs()));
    encode(cut.ulid(), out);
  }

  static LogCommand cutHead(ByteReader in) throws MalformedBytes, UnknownFormat {
    checkWriter(in);
    return new LogCommand.CutHead(zigzag(in), ulid(in));
  }

  static void encode(LogCommand.CutOutOfOrder cut, ByteWriter out) {
    out.u8(BlockFacts.BUILDER_VERSION);
    out.uvarint(cut.ranges().size());
    for (SealedRange range : cut.ranges()) {
      encode(range.ulid(), out);
      out.uvarint(ByteWriter.zigzag(range.fromMs()));
      out.uvarint(ByteWriter.zigzag(range.upToMs()));
    }
  }

  static LogCommand cutOutOfOrder(ByteReader in) throws MalformedBytes, UnknownFormat {
    checkWriter(in);
    int count = in.count("range", ULID_BYTES + 2);
    List<SealedRange> ranges = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      Ulid ulid = ulid(in);
      long fromMs = zigzag(in);
      long upToMs = zigzag(in);
      if (fromMs >= upToMs) {
        throw new MalformedBytes("range " + ulid + " from " + fromMs + " up to " + upToMs);
      }
      ranges.add(new SealedRange(ulid, SealedRange.Kind.OUT_OF_ORDER, fromMs, upToMs));
    }
    return new LogCommand.CutOutOfOrder(ranges);
  }

  static void encode(LogCommand.BlockBuilt built, ByteWriter out) {
    encode(built.ulid(), out);
    encode(built.facts(), out);
  }

  private static void encode(BlockFacts facts, ByteWriter out) {
    out.raw(facts.checksum().toBytes());
    out.uvarint(facts.sizeBytes());
    out.uvarint(facts.series());
    out.uvarint(facts.chunks());
    out.uvarint(facts.samples());
  }

  static LogCommand blockBuilt(ByteReader in) throws MalformedBytes {
    return new LogCommand.BlockBuilt(ulid(in), facts(in));
  }

  private static BlockFacts facts(ByteReader in) throws MalformedBytes {
    Digest checksum = Digest.of(in.raw(Digest.BYTES));
    try {
      return new BlockFacts(checksum, in.uvarint(), in.uvarint(), in.uvarint(), in.uvarint());
    } catch (IllegalArgumentException e) {
      throw new MalformedBytes("block: " + e.getMessage());
    }
  }

  static void encode(LogCommand.Compact compact, ByteWriter out) {
    out.u8(BlockFacts.BUILDER_VERSION);
    encode(compact.result(), out);
    encode(compact.sources(), out);
  }

  static LogCommand compact(ByteReader in) throws MalformedBytes, UnknownFormat {
    checkWriter(in);
    return new LogCommand.Compact(ulid(in), ulids(in));
  }

  static void encode(LogCommand.DropBlocks drop, ByteWriter out) {
    encode(drop.ulids(), out);
  }

  static LogCommand drop(ByteReader in) throws MalformedBytes {
    return new LogCommand.DropBlocks(ulids(in));
  }

  static void encode(LogCommand.Delete delete, ByteWriter out) {
    out.uvarint(ByteWriter.zigzag(delete.minMs()));
    out.uvarint(ByteWriter.zigzag(delete.maxMs()));
    out.uvarint(delete.matchers().size());
    for (Matcher matcher : delete.matchers()) {
      out.u8(MATCHER_TYPES.indexOf(matcher.type()));
      encode(matcher.name(), out);
      encode(matcher.value(), out);
    }
  }

  static LogCommand delete(ByteReader in) throws MalformedBytes {
    long minMs = zigzag(in);
    long maxMs = zigzag(in);
    int count = in.count("matcher", MATCHER_BYTES_MIN);
    List<Matcher> matchers = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int type = in.u8();
      if (type >= MATCHER_TYPES.size()) {
        throw new MalformedBytes("matcher type " + type + ", expected 0 to 3");
      }
      String name = text(in);
      String value = text(in);
      try {
        matchers.add(new Matcher(MATCHER_TYPES.get(type), name, value));
      } catch (IllegalArgumentException e) {
        throw new MalformedBytes("matcher " + i + ": " + e.getMessage());
      }
    }
    try {
      return new LogCommand.Delete(matchers, minMs, maxMs);
    } catch (IllegalArgumentException e) {
      throw new MalformedBytes(String.valueOf(e.getMessage()));
    }
  }

  static void encode(LogCommand.Freeze freeze, ByteWriter out) {
    encode(freeze.name(), out);
  }

  static LogCommand freeze(ByteReader in) throws MalformedBytes {
    return new LogCommand.Freeze(ulid(in));
  }

  static void encode(LogCommand.ImportBlock imported, ByteWriter out) {
    encode(imported.ulid(), out);
    out.uvarint(ByteWriter.zigzag(imported.minMs()));
    out.uvarint(ByteWriter.zigzag(imported.endMs()));
    encode(imported.facts(), out);
  }

  static LogCommand importBlock(ByteReader in) throws MalformedBytes {
    Ulid ulid = ulid(in);
    long minMs = zigzag(in);
    long endMs = zigzag(in);
    BlockFacts facts = facts(in);
    try {
      return new LogCommand.ImportBlock(ulid, minMs, endMs, facts);
    } catch (IllegalArgumentException e) {
      throw new MalformedBytes(String.valueOf(e.getMessage()));
    }
  }

  static void encode(LogCommand.Restore restore, ByteWriter out) {
    out.uvarint(ByteWriter.zigzag(restore.upToMs()));
    out.uvarint(ByteWriter.zigzag(restore.newestMs()));
  }

  static LogCommand restore(ByteReader in) throws MalformedBytes {
    return new LogCommand.Restore(zigzag(in), zigzag(in));
  }

  /** What builds the blocks that the entry orders: other code would write other bytes. */
  private static void checkWriter(ByteReader in) throws MalformedBytes, UnknownFormat {
    int version = in.u8();
    if (version != BlockFacts.BUILDER_VERSION) {
      throw new UnknownFormat("block writer", version, "version " + BlockFacts.BUILDER_VERSION);
    }
  }

  private static void encode(List<Ulid> ulids, ByteWriter out) {
    out.uvarint(ulids.size());
    ulids.forEach(ulid -> encode(ulid, out));
  }

  private static List<Ulid> ulids(ByteReader in) throws MalformedBytes {
    int count = in.count("block", ULID_BYTES);
    List<Ulid> ulids = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      ulids.add(ulid(in));
    }
    return ulids;
  }

  private static void encode(Ulid ulid, ByteWriter out) {
    out.fixed64(ulid.high());
    out.fixed64(ulid.low());
  }

  private static Ulid ulid(ByteReader in) throws MalformedBytes {
    return new Ulid(in.fixed64(), in.fixed64());
  }

  private static void encode(String text, ByteWriter out) {
    byte[] bytes = text.getBytes(UTF_8);
    out.uvarint(bytes.length);
    out.raw(bytes);
  }

  private static String text(ByteReader in) throws MalformedBytes {
    byte[] bytes = in.slice("text").rest();
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new MalformedBytes("text of " + bytes.length + " bytes that is not UTF-8");
    }
  }

  private static long zigzag(ByteReader in) throws MalformedBytes {
    return ByteReader.unzigzag(in.uvarint());
  }
}
