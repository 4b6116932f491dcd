package io.rafttsdb.node.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rafttsdb.replica.ShardRouting;
import io.rafttsdb.storage.model.Labels;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;

/**
 * The labels of one series as a remote write request has them: for each label {@code 0x0a, uvarint
 * length} and in it {@code 0x0a, uvarint length, name, 0x12, uvarint length, value}. Length and
 * string are the same bytes as in {@link Labels#canonical}, so that a known series is recognized
 * without being parsed.
 */
final class RawLabels {

  static final int LABEL_TAG = 0x0a;
  private static final int NAME_TAG = 0x0a;
  private static final int VALUE_TAG = 0x12;

  private static final int LENGTH_BYTES_MAX = 5;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long MIX = 0x9e3779b97f4a7c15L;

  private RawLabels() {}

  /** A hash of the bytes as they came; never 0. */
  static long hash(byte[] message, int start, int end) {
    long hash = (long) end - start;
    int at = start;
    for (; at + Long.BYTES <= end; at += Long.BYTES) {
      hash = mix(hash ^ (long) LONG.get(message, at));
    }
    long rest = 0;
    for (int i = end - 1; i >= at; i--) {
      rest = rest << Byte.SIZE | (message[i] & 0xff);
    }
    hash = mix(hash ^ rest);
    hash ^= hash >>> 29;
    return hash == 0 ? 1 : hash;
  }

  private static long mix(long word) {
    return Long.rotateLeft(word * MIX, 31);
  }

  /**
   * Whether these are exactly the labels of a label set, in the same order. No means that they have
   * to be parsed.
   *
   * @param labels the canonical bytes of each label
   */
  static boolean isSame(byte[] message, int start, int end, byte[][] labels) {
    int at = start;
    for (byte[] canonical : labels) {
      int label = at < end && message[at] == LABEL_TAG ? runLength(message, at + 1, end) : -1;
      if (label < 0) {
        return false;
      }
      int labelEnd = at + 1 + label;
      at += 1 + lengthSize(message, at + 1);
      if (at >= labelEnd || message[at] != NAME_TAG) {
        return false;
      }
      int name = runLength(message, at + 1, labelEnd);
      if (!equal(message, at + 1, name, canonical, 0)) {
        return false;
      }
      at += 1 + name;
      if (at >= labelEnd || message[at] != VALUE_TAG) {
        return false;
      }
      int value = runLength(message, at + 1, labelEnd);
      if (name + value != canonical.length || !equal(message, at + 1, value, canonical, name)) {
        return false;
      }
      at += 1 + value;
      if (at != labelEnd) {
        return false;
      }
    }
    return at == end;
  }

  /**
   * The shard of a series whose labels stand here as they do in canonical bytes: sorted, none
   * twice, none empty. Not whether they are ones that a series can have.
   *
   * @return -1 where they stand otherwise and have to be parsed
   */
  static int shardOf(byte[] message, int start, int end, int shards) {
    long hash = ShardRouting.begin();
    int at = start;
    int lastName = -1;
    int lastNameEnd = -1;
    while (at < end) {
      int label = message[at] == LABEL_TAG ? runLength(message, at + 1, end) : -1;
      if (label < 0) {
        return -1;
      }
      int labelEnd = at + 1 + label;
      at += 1 + lengthSize(message, at + 1);
      int name = plainRun(message, at, labelEnd, NAME_TAG);
      int nameStart = at + 1;
      int nameEnd = nameStart + name;
      int value = name < 0 ? -1 : plainRun(message, nameEnd, labelEnd, VALUE_TAG);
      if (value < 0 || nameEnd + 1 + value != labelEnd) {
        return -1;
      }
      int nameText = nameStart + lengthSize(message, nameStart);
      if (lastName >= 0
          && Arrays.compareUnsigned(message, lastName, lastNameEnd, message, nameText, nameEnd)
              >= 0) {
        return -1;
      }
      lastName = nameText;
      lastNameEnd = nameEnd;
      hash = ShardRouting.add(hash, message, nameStart, nameEnd);
      hash = ShardRouting.add(hash, message, nameEnd + 1, labelEnd);
      at = labelEnd;
    }
    return ShardRouting.shardOf(hash, shards);
  }

  /**
   * Length of a string that is not empty and of the length before it, as canonical bytes write it.
   */
  private static int plainRun(byte[] message, int at, int end, int tag) {
    int run = at < end && message[at] == tag ? runLength(message, at + 1, end) : -1;
    if (run < 0) {
      return -1;
    }
    int size = lengthSize(message, at + 1);
    boolean isShortest = size == 1 || message[at + size] != 0;
    return run > size && isShortest ? run : -1;
  }

  private static boolean equal(byte[] message, int at, int run, byte[] canonical, int same) {
    return run > 0
        && run <= canonical.length - same
        && Arrays.equals(message, at, at + run, canonical, same, same + run);
  }

  /** Bytes of a length and of what it counts, or -1 where they do not fit before the end. */
  private static int runLength(byte[] message, int at, int end) {
    long length = 0;
    int size = 0;
    byte b;
    do {
      if (size == LENGTH_BYTES_MAX || at + size >= end) {
        return -1;
      }
      b = message[at + size];
      length |= (long) (b & 0x7f) << (7 * size);
      size++;
    } while (b < 0);
    return length <= end - at - size ? size + (int) length : -1;
  }

  /** Bytes of a length that {@link #runLength} has found sound. */
  private static int lengthSize(byte[] message, int at) {
    int size = 1;
    while (message[at + size - 1] < 0) {
      size++;
    }
    return size;
  }

  /**
   * The label set. Labels without a value are left out.
   *
   * @throws BadRequest where the bytes break the format of a message
   * @throws BadLabels where they are no label set that a series can have
   */
  static Labels parse(byte[] message, int start, int end) throws BadRequest, BadLabels {
    Labels.Builder labels = new Labels.Builder();
    int count = 0;
    int at = start;
    while (at < end) {
      ProtoCursor label = new ProtoCursor(message, at, end);
      label.tag();
      int labelEnd = label.lengthDelimitedEnd();
      at = labelEnd;
      String name = "";
      String value = "";
      ProtoCursor fields = new ProtoCursor(message, label.position(), labelEnd);
      while (fields.hasMore()) {
        int tag = fields.tag();
        if (tag == NAME_TAG) {
          name = string(fields);
        } else if (tag == VALUE_TAG) {
          value = string(fields);
        } else {
          fields.skip(tag);
        }
      }
      if (name.isEmpty()) {
        throw new BadLabels("empty label name with the value \"" + value + "\"");
      }
      if (!value.isEmpty()) {
        labels.set(name, value);
        count++;
      }
    }
    Labels set = labels.build();
    if (set.count() != count) {
      throw new BadLabels("a label name is there twice");
    }
    if (!set.has(Labels.METRIC_NAME)) {
      throw new BadLabels("no label " + Labels.METRIC_NAME);
    }
    return set;
  }

  /** Labels that no series can have; the message says why. */
  static final class BadLabels extends Exception {
    private static final long serialVersionUID = 1L;

    BadLabels(String message) {
      super(message, null, false, false);
    }
  }

  private static String string(ProtoCursor fields) throws BadRequest, BadLabels {
    int end = fields.lengthDelimitedEnd();
    int start = fields.position();
    fields.moveTo(end);
    try {
      return UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(fields.message(), start, end - start))
          .toString();
    } catch (CharacterCodingException e) {
      throw new BadLabels("label name or value that is not UTF-8");
    }
  }
}
