package io.rafttsdb.node.ingest;

import io.airlift.compress.v3.MalformedInputException;
import io.airlift.compress.v3.snappy.SnappyJavaCompressor;
import io.airlift.compress.v3.snappy.SnappyJavaDecompressor;
import io.rafttsdb.node.ingest.RawLabels.BadLabels;
import io.rafttsdb.replica.ShardRouting;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Splits the body of a remote write request 1.0 by shard. The bytes of a series go as they are into
 * the body of its shard, in the request's order. For any number of threads.
 */
final class RequestSplitter {

  private static final int REQUEST_SERIES = 0x0a;

  /** Takes what belongs to no series, and series whose labels its leader will refuse. */
  private static final int HOME = 0;

  private final int shards;

  RequestSplitter(int shards) {
    this.shards = shards;
  }

  /**
   * The bodies, by shard; empty where a shard has no part.
   *
   * @throws BadRequest where the bytes are no request, of which then no part may be sent
   */
  List<Optional<byte[]>> split(byte[] body) throws BadRequest {
    byte[] message = decompress(body);
    @Nullable ByteArrayOutputStream[] parts = new ByteArrayOutputStream[shards];
    ProtoCursor request = new ProtoCursor(message, 0, message.length);
    while (request.hasMore()) {
      int start = request.position();
      int tag = request.tag();
      int shard = HOME;
      if (tag == REQUEST_SERIES) {
        int end = request.lengthDelimitedEnd();
        shard = shardOf(message, request.position(), end);
        request.moveTo(end);
      } else {
        request.skip(tag);
      }
      ByteArrayOutputStream part = parts[shard];
      if (part == null) {
        part = new ByteArrayOutputStream(message.length / shards + 64);
        parts[shard] = part;
      }
      part.write(message, start, request.position() - start);
    }
    List<Optional<byte[]>> bodies = new ArrayList<>();
    for (ByteArrayOutputStream part : parts) {
      bodies.add(Optional.ofNullable(part).map(RequestSplitter::compress));
    }
    return bodies;
  }

  private int shardOf(byte[] message, int start, int end) throws BadRequest {
    ProtoCursor series = new ProtoCursor(message, start, end);
    while (series.position() < end && message[series.position()] == RawLabels.LABEL_TAG) {
      series.skip(series.tag());
    }
    int labelsEnd = series.position();
    while (series.hasMore()) {
      int tag = series.tag();
      if (tag == RawLabels.LABEL_TAG) {
        throw BadRequest.malformed(
            "expected the labels of a series before its samples, found one after them at byte "
                + series.position());
      }
      series.skip(tag);
    }
    try {
      return ShardRouting.shardOf(RawLabels.parse(message, start, labelsEnd), shards);
    } catch (BadLabels e) {
      return HOME;
    }
  }

  private static byte[] decompress(byte[] body) throws BadRequest {
    SnappyJavaDecompressor snappy = new SnappyJavaDecompressor();
    try {
      int length = snappy.getUncompressedLength(body, 0);
      if (length > RequestDecoder.MESSAGE_BYTES_MAX) {
        throw BadRequest.tooLarge(length);
      }
      byte[] message = new byte[length];
      int decompressed = snappy.decompress(body, 0, body.length, message, 0, length);
      return decompressed == length ? message : Arrays.copyOf(message, decompressed);
    } catch (MalformedInputException | IndexOutOfBoundsException | IllegalArgumentException e) {
      throw BadRequest.malformed(
          "expected a snappy block, got "
              + body.length
              + " bytes that are none: "
              + e.getMessage());
    }
  }

  private static byte[] compress(ByteArrayOutputStream part) {
    byte[] message = part.toByteArray();
    SnappyJavaCompressor snappy = new SnappyJavaCompressor();
    byte[] compressed = new byte[snappy.maxCompressedLength(message.length)];
    int length = snappy.compress(message, 0, message.length, compressed, 0, compressed.length);
    return Arrays.copyOf(compressed, length);
  }
}
