package io.rafttsdb.command;

import io.rafttsdb.storage.model.ClusterVersions;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Log entries as bytes, format version 1 (docs/format/log-entry.md). Decoding reads nothing but the
 * bytes, so that every replica comes to the same command.
 */
public final class CommandCodec {

  /** First byte of every entry. */
  public static final int FORMAT_VERSION = 1;

  private static final int KIND_APPEND = 1;
  private static final int KIND_CONFIGURE = 2;
  private static final int KIND_CUT_HEAD = 3;
  private static final int KIND_CUT_OUT_OF_ORDER = 4;
  private static final int KIND_BLOCK_BUILT = 5;
  private static final int KIND_COMPACT = 6;
  private static final int KIND_DROP = 7;
  private static final int KIND_DELETE = 8;
  private static final int KIND_CLUSTER_VERSION = 11;
  private static final int KIND_FREEZE = 9;
  private static final int KIND_IMPORT_BLOCK = 10;
  private static final int KIND_RESTORE = 12;

  /** Longest prefix before an entry's requests: version, kind, request count. */
  private static final int APPEND_HEADER_BYTES_MAX = 7;

  private CommandCodec() {}

  /**
   * The entry of a command.
   *
   * @throws IllegalArgumentException for {@link LogCommand.Malformed}, which has no bytes
   */
  public static byte[] encode(LogCommand command) {
    return switch (command) {
      case LogCommand.Append(List<SampleBatch> batches) ->
          joinRequests(batches.stream().map(CommandCodec::encodeRequest).toList());
      case LogCommand.Configure(Settings settings) -> encodeConfigure(settings);
      case LogCommand.CutHead cut -> encoded(KIND_CUT_HEAD, out -> BlockCodec.encode(cut, out));
      case LogCommand.CutOutOfOrder cut ->
          encoded(KIND_CUT_OUT_OF_ORDER, out -> BlockCodec.encode(cut, out));
      case LogCommand.BlockBuilt built ->
          encoded(KIND_BLOCK_BUILT, out -> BlockCodec.encode(built, out));
      case LogCommand.Compact compact ->
          encoded(KIND_COMPACT, out -> BlockCodec.encode(compact, out));
      case LogCommand.DropBlocks drop -> encoded(KIND_DROP, out -> BlockCodec.encode(drop, out));
      case LogCommand.Delete delete -> encoded(KIND_DELETE, out -> BlockCodec.encode(delete, out));
      case LogCommand.ClusterVersion(int version) ->
          encoded(KIND_CLUSTER_VERSION, out -> out.uvarint(version));
      case LogCommand.Freeze freeze -> encoded(KIND_FREEZE, out -> BlockCodec.encode(freeze, out));
      case LogCommand.ImportBlock imported ->
          encoded(KIND_IMPORT_BLOCK, out -> BlockCodec.encode(imported, out));
      case LogCommand.Restore restore ->
          encoded(KIND_RESTORE, out -> BlockCodec.encode(restore, out));
      case LogCommand.Malformed(String reason) ->
          throw new IllegalArgumentException("a malformed command can't be encoded: " + reason);
    };
  }

  /** The bytes of one request, a part of an entry by {@link #joinRequests}. */
  public static byte[] encodeRequest(SampleBatch batch) {
    return RequestCodec.encode(batch);
  }

  /** Bytes that a request of this encoded length adds to an entry. */
  public static int joinedBytes(int requestBytes) {
    return ByteWriter.uvarintSize(requestBytes) + requestBytes;
  }

  /** Length that an entry has at most when its requests add so much. */
  public static int entryBytesMax(int joinedBytes) {
    return APPEND_HEADER_BYTES_MAX + joinedBytes;
  }

  /** The entry of an {@link LogCommand.Append} from its requests, encoded each by itself. */
  public static byte[] joinRequests(List<byte[]> requests) {
    int size = APPEND_HEADER_BYTES_MAX;
    for (byte[] request : requests) {
      size = Math.addExact(size, joinedBytes(request.length));
    }
    ByteWriter out = new ByteWriter(size);
    out.u8(FORMAT_VERSION);
    out.u8(KIND_APPEND);
    out.uvarint(requests.size());
    for (byte[] request : requests) {
      out.uvarint(request.length);
      out.raw(request);
    }
    return out.toBytes();
  }

  private static byte[] encodeConfigure(Settings settings) {
    return encoded(
        KIND_CONFIGURE,
        out -> {
          out.uvarint(settings.blockRangeMs());
          out.uvarint(settings.outOfOrderWindowMs());
          out.uvarint(settings.retentionMs());
          out.uvarint(settings.retentionBytes());
          out.uvarint(settings.rangeFactor());
        });
  }

  private static byte[] encoded(int kind, Consumer<ByteWriter> body) {
    ByteWriter out = new ByteWriter(64);
    out.u8(FORMAT_VERSION);
    out.u8(kind);
    body.accept(out);
    return out.toBytes();
  }

  /**
   * The command of an entry's bytes; {@link LogCommand.Malformed} where they break the format.
   *
   * @throws UnknownFormat where they are of a version, kind or section that this program lacks
   */
  public static LogCommand decode(byte[] entry) throws UnknownFormat {
    ByteReader in = new ByteReader(entry);
    try {
      int version = in.u8();
      if (version != FORMAT_VERSION) {
        throw new UnknownFormat("format version", version, "version " + FORMAT_VERSION);
      }
      int kind = in.u8();
      LogCommand command =
          switch (kind) {
            case KIND_APPEND -> decodeAppend(in);
            case KIND_CONFIGURE -> decodeConfigure(in);
            case KIND_CUT_HEAD -> BlockCodec.cutHead(in);
            case KIND_CUT_OUT_OF_ORDER -> BlockCodec.cutOutOfOrder(in);
            case KIND_BLOCK_BUILT -> BlockCodec.blockBuilt(in);
            case KIND_COMPACT -> BlockCodec.compact(in);
            case KIND_DROP -> BlockCodec.drop(in);
            case KIND_DELETE -> BlockCodec.delete(in);
            case KIND_CLUSTER_VERSION -> decodeVersion(in);
            case KIND_FREEZE -> BlockCodec.freeze(in);
            case KIND_IMPORT_BLOCK -> BlockCodec.importBlock(in);
            case KIND_RESTORE -> BlockCodec.restore(in);
            default -> throw new UnknownFormat("command kind", kind, "kinds 1 to " + KIND_RESTORE);
          };
      in.expectEnd("the entry");
      return command;
    } catch (MalformedBytes e) {
      return new LogCommand.Malformed(String.valueOf(e.getMessage()));
    }
  }

  private static LogCommand decodeAppend(ByteReader in) throws MalformedBytes, UnknownFormat {
    int count = in.count("request", 1);
    List<SampleBatch> batches = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      batches.add(RequestCodec.decode(in.slice("request")));
    }
    return new LogCommand.Append(batches);
  }

  private static LogCommand decodeConfigure(ByteReader in) throws MalformedBytes {
    long blockRangeMs = in.uvarint();
    long outOfOrderWindowMs = in.uvarint();
    long retentionMs = in.uvarint();
    long retentionBytes = in.uvarint();
    long rangeFactor = in.uvarint();
    if (rangeFactor < 0 || rangeFactor > Integer.MAX_VALUE) {
      throw new MalformedBytes("settings: block range factor " + rangeFactor);
    }
    try {
      return new LogCommand.Configure(
          new Settings(
              blockRangeMs, outOfOrderWindowMs, retentionMs, retentionBytes, (int) rangeFactor));
    } catch (IllegalArgumentException e) {
      throw new MalformedBytes("settings: " + e.getMessage());
    }
  }

  /** A version beyond what this program knows: it must not go on, as it would read what follows. */
  private static LogCommand decodeVersion(ByteReader in) throws MalformedBytes, UnknownFormat {
    long version = in.uvarint();
    if (version < 1 || version > Integer.MAX_VALUE) {
      throw new MalformedBytes("cluster version " + Long.toUnsignedString(version));
    }
    if (version > ClusterVersions.KNOWN) {
      throw new UnknownFormat(
          "cluster version", (int) version, "versions up to " + ClusterVersions.KNOWN);
    }
    return new LogCommand.ClusterVersion((int) version);
  }
}
