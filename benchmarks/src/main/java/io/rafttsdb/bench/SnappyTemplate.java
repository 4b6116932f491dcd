package io.rafttsdb.bench;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;

/**
 * The body of a remote write request with one sample for each of some series, as a snappy block
 * whose samples can be replaced: the labels are compressed once, the samples stand in literals at
 * known places. So a client costs next to nothing beside the server that it measures. For one
 * thread.
 */
final class SnappyTemplate {

  /** Tag, length, tag of the value, value, tag of the timestamp, timestamp of six bytes. */
  private static final int SAMPLE_BYTES = 2 + 9 + 7;

  private static final int VALUE_OFFSET = 3;
  private static final int TIMESTAMP_OFFSET = 12;
  private static final int TIMESTAMP_BYTES = 6;
  private static final int HASH_BITS = 14;
  private static final int MATCH_MIN = 4;
  private static final int MATCH_MAX = 64;
  private static final int DISTANCE_MAX = 0xffff;
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] compressed;
  private final int[] samplePlaces;

  private SnappyTemplate(byte[] compressed, int[] samplePlaces) {
    this.compressed = compressed;
    this.samplePlaces = samplePlaces;
  }

  /** Of the series from a number on. */
  static SnappyTemplate of(int firstSeries, int seriesCount) {
    Writer writer = new Writer();
    int[] places = new int[seriesCount];
    for (int i = 0; i < seriesCount; i++) {
      writer.compress(seriesStart(DevopsSeries.labels(firstSeries + i)));
      places[i] = writer.literal(emptySample());
    }
    byte[] length = new byte[CodedOutputStream.computeUInt32SizeNoTag(writer.plainLength)];
    try {
      CodedOutputStream.newInstance(length).writeUInt32NoTag(writer.plainLength);
    } catch (IOException e) {
      throw new IllegalStateException("writing to an array", e);
    }
    byte[] block = writer.out.toByteArray();
    byte[] compressed = Arrays.copyOf(length, length.length + block.length);
    System.arraycopy(block, 0, compressed, length.length, block.length);
    for (int i = 0; i < seriesCount; i++) {
      places[i] += length.length;
    }
    return new SnappyTemplate(compressed, places);
  }

  /** Sets the sample of the series at a place, counted from the first. */
  void set(int place, long timestampMs, double value) {
    int at = samplePlaces[place];
    LONGS.set(compressed, at + VALUE_OFFSET, Double.doubleToRawLongBits(value));
    long left = timestampMs;
    for (int i = 0; i < TIMESTAMP_BYTES - 1; i++) {
      compressed[at + TIMESTAMP_OFFSET + i] = (byte) (left | 0x80);
      left >>>= 7;
    }
    compressed[at + TIMESTAMP_OFFSET + TIMESTAMP_BYTES - 1] = (byte) left;
  }

  int seriesCount() {
    return samplePlaces.length;
  }

  /** The body with the samples set last; the same array each time. */
  byte[] body() {
    return compressed;
  }

  /** Everything of a series but its sample. */
  private static byte[] seriesStart(Map<String, String> labels) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      int size = SAMPLE_BYTES;
      for (Map.Entry<String, String> label : labels.entrySet()) {
        size += CodedOutputStream.computeUInt32Size(1, labelSize(label)) + labelSize(label);
      }
      out.writeTag(1, 2);
      out.writeUInt32NoTag(size);
      for (Map.Entry<String, String> label : labels.entrySet()) {
        out.writeTag(1, 2);
        out.writeUInt32NoTag(labelSize(label));
        out.writeString(1, label.getKey());
        out.writeString(2, label.getValue());
      }
      out.flush();
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory", e);
    }
  }

  private static int labelSize(Map.Entry<String, String> label) {
    return CodedOutputStream.computeStringSize(1, label.getKey())
        + CodedOutputStream.computeStringSize(2, label.getValue());
  }

  private static byte[] emptySample() {
    byte[] sample = new byte[SAMPLE_BYTES];
    sample[0] = 2 << 3 | 2;
    sample[1] = SAMPLE_BYTES - 2;
    sample[2] = 1 << 3 | 1;
    sample[11] = 2 << 3;
    return sample;
  }

  /** A snappy block encoder that copies only from what it was told to compress. */
  private static final class Writer {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final int[] plainPlaces = new int[1 << HASH_BITS]; // of the last run with that hash
    private final byte[][] runs = new byte[1 << HASH_BITS][];
    private final int[] runPlaces = new int[1 << HASH_BITS];
    private int plainLength;

    void compress(byte[] run) {
      int literalStart = 0;
      int at = 0;
      while (at + MATCH_MIN <= run.length) {
        int hash = ((int) INTS.get(run, at) * 0x1e35a7bd) >>> (32 - HASH_BITS);
        byte[] candidate = runs[hash];
        int candidatePlace = runPlaces[hash];
        int distance = plainLength + at - plainPlaces[hash];
        runs[hash] = run;
        runPlaces[hash] = at;
        plainPlaces[hash] = plainLength + at;
        int length =
            candidate == null || candidate == run || distance > DISTANCE_MAX
                ? 0
                : matchLength(candidate, candidatePlace, run, at);
        if (length < MATCH_MIN) {
          at++;
          continue;
        }
        literalPart(run, literalStart, at);
        copy(distance, length);
        at += length;
        literalStart = at;
      }
      literalPart(run, literalStart, run.length);
      plainLength += run.length;
    }

    /** Writes bytes as they are. Returns where they stand in the output. */
    int literal(byte[] bytes) {
      literalPart(bytes, 0, bytes.length);
      plainLength += bytes.length;
      return out.size() - bytes.length;
    }

    private static int matchLength(byte[] candidate, int place, byte[] run, int at) {
      int max = Math.min(MATCH_MAX, Math.min(candidate.length - place, run.length - at));
      int length = 0;
      while (length < max && candidate[place + length] == run[at + length]) {
        length++;
      }
      return length;
    }

    private void literalPart(byte[] bytes, int start, int end) {
      int length = end - start;
      if (length == 0) {
        return;
      }
      if (length <= 60) {
        out.write(length - 1 << 2);
      } else if (length <= 256) {
        out.write(60 << 2);
        out.write(length - 1);
      } else {
        out.write(61 << 2);
        out.write(length - 1 & 0xff);
        out.write(length - 1 >>> 8);
      }
      out.write(bytes, start, length);
    }

    private void copy(int distance, int length) {
      out.write(length - 1 << 2 | 2);
      out.write(distance & 0xff);
      out.write(distance >>> 8);
    }
  }
}
