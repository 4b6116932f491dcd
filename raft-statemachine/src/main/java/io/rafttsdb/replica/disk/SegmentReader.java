package io.rafttsdb.replica.disk;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.thirdparty.com.google.protobuf.CodedInputStream;
import org.apache.ratis.thirdparty.com.google.protobuf.InvalidProtocolBufferException;
import org.jspecify.annotations.Nullable;

/**
 * Reads a segment file record by record, as far as it is sound. The format is Ratis's
 * (SegmentedRaftLogFormat, SegmentedRaftLogOutputStream): the header {@code RaftLog1}, then for
 * each entry a varint length, the LogEntryProto, and a big-endian CRC32C over both; zeros to the
 * end of the file where space was allocated ahead.
 */
final class SegmentReader implements AutoCloseable {
  private static final byte[] HEADER = {'R', 'a', 'f', 't', 'L', 'o', 'g', '1'};
  private static final int CHECKSUM_BYTES = 4;
  private static final int VARINT_BYTES_MAX = 5;

  /**
   * What a segment holds.
   *
   * @param lastIndex of the last sound record; one below the segment's start where there is none
   * @param soundBytes length of the file up to and with it; 0 where even the header is bad
   * @param flaw why the next record is bad, or null where the records just end
   */
  record Content(long lastIndex, long soundBytes, @Nullable String flaw) {}

  private final SegmentFile segment;
  private final int entryBytesMax;
  private final InputStream in;
  private final CRC32C crc = new CRC32C();
  private byte[] record = new byte[4096];
  private long offset;

  private SegmentReader(SegmentFile segment, int entryBytesMax) throws IOException {
    this.segment = segment;
    this.entryBytesMax = entryBytesMax;
    this.in = new BufferedInputStream(Files.newInputStream(segment.path()), 1 << 20);
  }

  /** Scans a segment whose entries have at most so many bytes, as Ratis is configured. */
  static Content read(SegmentFile segment, int entryBytesMax) throws IOException {
    return read(segment, entryBytesMax, entry -> {});
  }

  /** Scans a segment and hands its sound entries over, in order. */
  static Content read(SegmentFile segment, int entryBytesMax, Consumer<LogEntryProto> entries)
      throws IOException {
    try (SegmentReader reader = new SegmentReader(segment, entryBytesMax)) {
      return reader.read(entries);
    }
  }

  private Content read(Consumer<LogEntryProto> entries) throws IOException {
    long lastIndex = segment.startIndex() - 1;
    byte[] header = in.readNBytes(HEADER.length);
    if (!Arrays.equals(header, HEADER)) {
      return new Content(lastIndex, 0, "the header is not RaftLog1");
    }
    offset = HEADER.length;
    long term = 0;
    while (segment.isOpen() || lastIndex < segment.endIndex()) {
      long start = offset;
      int first = in.read();
      if (first <= 0) {
        return new Content(lastIndex, start, first < 0 ? null : flawAfterZero());
      }
      Step step = readRecord(first);
      if (step.entry == null) {
        return new Content(lastIndex, start, step.flaw);
      }
      LogEntryProto entry = step.entry;
      if (entry.getIndex() != lastIndex + 1) {
        return new Content(
            lastIndex,
            start,
            "the record has index " + entry.getIndex() + ", expected " + (lastIndex + 1));
      }
      if (entry.getTerm() < term) {
        return new Content(
            lastIndex, start, "the record has term " + entry.getTerm() + " after term " + term);
      }
      lastIndex = entry.getIndex();
      term = entry.getTerm();
      entries.accept(entry);
    }
    return new Content(lastIndex, offset, null);
  }

  /** An entry, or why there is none. */
  private record Step(@Nullable LogEntryProto entry, @Nullable String flaw) {
    static Step bad(String flaw) {
      return new Step(null, flaw);
    }
  }

  private Step readRecord(int firstByte) throws IOException {
    int prefix = 1;
    record[0] = (byte) firstByte;
    while (record[prefix - 1] < 0) {
      int next = in.read();
      if (next < 0 || prefix == VARINT_BYTES_MAX) {
        return Step.bad("the record's length is cut or no number");
      }
      record[prefix++] = (byte) next;
    }
    long length = 0;
    for (int i = prefix - 1; i >= 0; i--) {
      length = length << 7 | (record[i] & 0x7f);
    }
    if (length > entryBytesMax) {
      return Step.bad("the record's length is " + length + ", at most " + entryBytesMax);
    }
    int bodyEnd = prefix + (int) length;
    int total = bodyEnd + CHECKSUM_BYTES;
    if (record.length < total) {
      record = Arrays.copyOf(record, Math.max(total, record.length * 2));
    }
    if (in.readNBytes(record, prefix, total - prefix) < total - prefix) {
      return Step.bad("the file ends within the record");
    }
    crc.reset();
    crc.update(record, 0, bodyEnd);
    int expected = bigEndian(bodyEnd);
    int found = (int) crc.getValue();
    if (expected != found) {
      return Step.bad(
          "the record's checksum is "
              + Integer.toHexString(expected)
              + ", its bytes give "
              + Integer.toHexString(found));
    }
    offset += total;
    try {
      return new Step(
          LogEntryProto.parseFrom(CodedInputStream.newInstance(record, prefix, (int) length)),
          null);
    } catch (InvalidProtocolBufferException e) {
      return Step.bad("the record is no log entry: " + e.getMessage());
    }
  }

  /** After a zero where a record would begin: everything else has to be zero too. */
  private @Nullable String flawAfterZero() throws IOException {
    long zeros = 1;
    byte[] rest = new byte[1 << 16];
    for (int read = in.read(rest); read >= 0; read = in.read(rest)) {
      for (int i = 0; i < read; i++) {
        if (rest[i] != 0) {
          return (zeros + i) + " zero bytes, then others";
        }
      }
      zeros += read;
    }
    return null;
  }

  private int bigEndian(int at) {
    return (record[at] & 0xff) << 24
        | (record[at + 1] & 0xff) << 16
        | (record[at + 2] & 0xff) << 8
        | (record[at + 3] & 0xff);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
