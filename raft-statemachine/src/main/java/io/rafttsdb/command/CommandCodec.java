package io.rafttsdb.command;

import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.Settings;
import java.util.ArrayList;
import java.util.List;

/**
 * Log entries as bytes, format version 1 (docs/format/log-entry.md). Decoding reads nothing but the
 * bytes, so that every replica comes to the same command.
 */
public final class CommandCodec {

  /** First byte of every entry. */
  public static final int FORMAT_VERSION = 1;

  private static final int KIND_APPEND = 1;
  private static final int KIND_CONFIGURE = 2;

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
    ByteWriter out = new ByteWriter(16);
    out.u8(FORMAT_VERSION);
    out.u8(KIND_CONFIGURE);
    out.uvarint(settings.blockRangeMs());
    out.uvarint(settings.outOfOrderWindowMs());
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
            default ->
                throw new UnknownFormat("command kind", kind, "kinds 1 to " + KIND_CONFIGURE);
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
    try {
      return new LogCommand.Configure(new Settings(blockRangeMs, outOfOrderWindowMs));
    } catch (IllegalArgumentException e) {
      throw new MalformedBytes("settings: " + e.getMessage());
    }
  }
}
