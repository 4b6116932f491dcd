package io.rafttsdb.node.ingest;

import io.airlift.compress.v3.snappy.SnappyJavaCompressor;
import io.rafttsdb.node.ingest.RawLabels.BadLabels;
import io.rafttsdb.replica.ShardRouting;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Splits a remote write request 1.0 by shard. The bytes of a series go as they are into the part of
 * its shard, in the request's order. For one thread; keeps its memory between requests.
 */
final class RequestSplitter {

  private static final int REQUEST_SERIES = 0x0a;

  /** Takes what belongs to no series, and a series whose labels are none. */
  private static final int HOME = 0;

  private final ProtoCursor request = new ProtoCursor(new byte[0], 0, 0);
  private final ProtoCursor series = new ProtoCursor(new byte[0], 0, 0);

  // Of the request at hand: where each field ends, and where it goes.
  private int[] ends = new int[1024];
  private byte[] homes = new byte[1024];
  private int count;

  /**
   * What of a request goes to one shard.
   *
   * @param message a message of its own
   */
  @SuppressWarnings("ArrayRecordComponent") // handed through, never compared
  record Part(int shard, byte[] message) {

    /** As the leader of the shard takes it from another node. */
    byte[] compressed() {
      SnappyJavaCompressor snappy = new SnappyJavaCompressor();
      byte[] compressed = new byte[snappy.maxCompressedLength(message.length)];
      int length = snappy.compress(message, 0, message.length, compressed, 0, compressed.length);
      return Arrays.copyOf(compressed, length);
    }
  }

  /**
   * The parts, by shard; a shard that has none is not there.
   *
   * @throws BadRequest where the bytes are no message, of which then no part may be written
   */
  List<Part> split(byte[] message, int length, int shards) throws BadRequest {
    int[] lengths = new int[shards];
    count = 0;
    request.reset(message, 0, length);
    int start = 0;
    while (request.hasMore()) {
      int shard = next(message, shards);
      int end = request.position();
      keep(end, shard);
      lengths[shard] += end - start;
      start = end;
    }
    byte[][] parts = new byte[shards][];
    for (int shard = 0; shard < shards; shard++) {
      parts[shard] = new byte[lengths[shard]];
    }
    int[] filled = new int[shards];
    start = 0;
    for (int i = 0; i < count; i++) {
      int shard = homes[i];
      System.arraycopy(message, start, parts[shard], filled[shard], ends[i] - start);
      filled[shard] += ends[i] - start;
      start = ends[i];
    }
    List<Part> some = new ArrayList<>(shards);
    for (int shard = 0; shard < shards; shard++) {
      if (lengths[shard] > 0) {
        some.add(new Part(shard, parts[shard]));
      }
    }
    return some;
  }

  private int next(byte[] message, int shards) throws BadRequest {
    int tag = request.tag();
    if (tag != REQUEST_SERIES) {
      request.skip(tag);
      return HOME;
    }
    int end = request.lengthDelimitedEnd();
    int shard = shardOf(message, request.position(), end, shards);
    request.moveTo(end);
    return shard;
  }

  private void keep(int end, int shard) {
    if (count == ends.length) {
      ends = Arrays.copyOf(ends, count * 2);
      homes = Arrays.copyOf(homes, count * 2);
    }
    ends[count] = end;
    homes[count] = (byte) shard;
    count++;
  }

  private int shardOf(byte[] message, int start, int end, int shards) throws BadRequest {
    series.reset(message, start, end);
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
    int shard = RawLabels.shardOf(message, start, labelsEnd, shards);
    if (shard >= 0) {
      return shard;
    }
    try {
      return ShardRouting.shardOf(RawLabels.parse(message, start, labelsEnd), shards);
    } catch (BadLabels e) {
      return HOME;
    }
  }
}
