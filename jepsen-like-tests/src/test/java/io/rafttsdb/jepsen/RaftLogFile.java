package io.rafttsdb.jepsen;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The open segment of a stopped node's Raft log, read and damaged by its format alone: eight bytes
 * of header; records of {@code uvarint length, entry, crc32c of both}; zeros up to the end of what
 * was allocated. An entry is a message with its term as field 1 and its index as field 2.
 */
final class RaftLogFile {

  /** One whole record: where it begins, how many bytes it has, and its entry's index. */
  record LogRecord(int offset, int length, long index) {
    int end() {
      return offset + length;
    }
  }

  private static final byte[] HEADER = {'R', 'a', 'f', 't', 'L', 'o', 'g', '1'};
  private static final int CHECKSUM_BYTES = 4;
  private static final int ENTRY_INDEX = 2 << 3 | WireFormat.WIRETYPE_VARINT;

  private final Path path;
  private final byte[] bytes;
  private final List<LogRecord> records = new ArrayList<>();

  private RaftLogFile(Path path, byte[] bytes) throws IOException {
    this.path = path;
    this.bytes = bytes;
    if (!Arrays.equals(bytes, 0, HEADER.length, HEADER, 0, HEADER.length)) {
      throw new IOException(path + " does not begin as a Raft log");
    }
    int offset = HEADER.length;
    while (offset < bytes.length && bytes[offset] != 0) {
      LogRecord record = read(offset);
      records.add(record);
      offset = record.end();
    }
  }

  /** The open segment in a node's data directory. */
  static RaftLogFile open(Path data) throws IOException {
    Path newest = new RaftLogFiles(data).openSegment();
    return new RaftLogFile(newest, Files.readAllBytes(newest));
  }

  Path path() {
    return path;
  }

  /** The whole records, at least one. */
  List<LogRecord> records() {
    return records;
  }

  /**
   * Leaves a record as a crash in the middle of a write does: its second half is still zero. It
   * follows the last whole one, so that no majority can have had it.
   */
  void tearNextRecord() throws IOException {
    LogRecord model = records.getLast();
    write(
        model.end(),
        Arrays.copyOfRange(bytes, model.offset(), model.offset() + model.length() / 2));
  }

  /**
   * Leaves two records of which the first one's pages did not get to the disk, but the second one's
   * did: zeros, then valid bytes.
   */
  void leaveHoleBeforeNextRecord() throws IOException {
    LogRecord model = records.getLast();
    write(model.end() + model.length(), Arrays.copyOfRange(bytes, model.offset(), model.end()));
  }

  /** Changes one bit in the middle of a record. */
  void flipBit(LogRecord record) throws IOException {
    int offset = record.offset() + record.length() / 2;
    write(offset, new byte[] {(byte) (bytes[offset] ^ 0x10)});
  }

  private void write(int offset, byte[] replacement) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.seek(offset);
      file.write(replacement);
    }
  }

  private LogRecord read(int offset) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(bytes, offset, bytes.length - offset);
    int entryLength = in.readRawVarint32();
    int checked = in.getTotalBytesRead() + entryLength;
    CRC32C checksum = new CRC32C();
    checksum.update(bytes, offset, checked);
    int found = ByteBuffer.wrap(bytes).getInt(offset + checked);
    if (found != (int) checksum.getValue()) {
      throw new IOException(path + " has a bad record at " + offset);
    }
    int limit = in.pushLimit(entryLength);
    long index = -1;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == ENTRY_INDEX) {
        index = in.readUInt64();
      } else {
        in.skipField(tag);
      }
    }
    in.popLimit(limit);
    return new LogRecord(offset, checked + CHECKSUM_BYTES, index);
  }
}
