package io.rafttsdb.storage.model;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * An immutable label set in its canonical form: for each label {@code uvarint nameLength, name,
 * uvarint valueLength, value} in UTF-8, sorted by name bytewise, each name once, no empty name, no
 * empty value (a label with an empty value is the same as no label).
 *
 * <p>The same bytes are what a log entry defines a series by and what a series keeps in memory, so
 * that two label sets are equal exactly when their bytes are.
 */
public final class Labels implements Comparable<Labels> {

  /** The label whose value is the metric's name. */
  public static final String METRIC_NAME = "__name__";

  public static final Labels EMPTY = new Labels(new byte[0]);

  private final byte[] bytes;
  private int hash; // 0: not computed yet; racing threads compute the same value

  private Labels(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * Label set of names and values in turn, in any order.
   *
   * @throws IllegalArgumentException on an odd count, an empty name or a repeated name
   */
  public static Labels of(String... namesAndValues) {
    if (namesAndValues.length % 2 != 0) {
      throw new IllegalArgumentException(
          "expected names and values in turn, got " + namesAndValues.length + " strings");
    }
    Builder builder = new Builder();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      if (builder.sorted.containsKey(namesAndValues[i].getBytes(UTF_8))) {
        throw new IllegalArgumentException("label name " + namesAndValues[i] + " is there twice");
      }
      builder.set(namesAndValues[i], namesAndValues[i + 1]);
    }
    return builder.build();
  }

  /**
   * Label set of canonical bytes, which are checked and then owned by the result.
   *
   * @throws IllegalArgumentException where the bytes are not canonical, with the offset
   */
  public static Labels fromCanonical(byte[] canonical) {
    int offset = 0;
    int previousStart = -1;
    int previousEnd = -1;
    while (offset < canonical.length) {
      int labelStart = offset;
      long nameLength = uvarint(canonical, offset);
      int nameStart = offset + uvarintSize(nameLength);
      checkLength(canonical, nameStart, nameLength, labelStart);
      int nameEnd = nameStart + (int) nameLength;
      if (previousStart >= 0
          && Arrays.compareUnsigned(
                  canonical, previousStart, previousEnd, canonical, nameStart, nameEnd)
              >= 0) {
        throw new IllegalArgumentException(
            "label names are not sorted or repeated at offset " + labelStart);
      }
      long valueLength = uvarint(canonical, nameEnd);
      int valueStart = nameEnd + uvarintSize(valueLength);
      checkLength(canonical, valueStart, valueLength, nameEnd);
      previousStart = nameStart;
      previousEnd = nameEnd;
      offset = valueStart + (int) valueLength;
    }
    return new Labels(canonical);
  }

  private static void checkLength(byte[] canonical, int start, long length, int at) {
    if (length < 1 || length > canonical.length - start) {
      throw new IllegalArgumentException(
          "label string of length "
              + length
              + " at offset "
              + at
              + " of "
              + canonical.length
              + " bytes");
    }
  }

  /** The canonical bytes themselves, not a copy: nobody may write to them. */
  public byte[] canonical() {
    return bytes;
  }

  /** The label set whose bytes {@link #canonical} gave. */
  public static Labels ofCanonical(byte[] canonical) {
    return new Labels(canonical);
  }

  public boolean isEmpty() {
    return bytes.length == 0;
  }

  /** Number of labels. */
  public int count() {
    int count = 0;
    for (int offset = 0; offset < bytes.length; offset = endOfLabel(offset)) {
      count++;
    }
    return count;
  }

  /** Value of a label, or the empty string where the set lacks it. */
  public String get(String name) {
    byte[] wanted = name.getBytes(UTF_8);
    int value = valueOffset(wanted);
    return value < 0 ? "" : stringAt(value);
  }

  public boolean has(String name) {
    return valueOffset(name.getBytes(UTF_8)) >= 0;
  }

  /** The metric's name, or the empty string. */
  public String metricName() {
    return get(METRIC_NAME);
  }

  /** Calls the consumer for each label, sorted by name. */
  public void forEach(BiConsumer<String, String> consumer) {
    for (int offset = 0; offset < bytes.length; ) {
      int value = endOfString(offset);
      consumer.accept(stringAt(offset), stringAt(value));
      offset = endOfString(value);
    }
  }

  /** This set without one label. */
  public Labels without(String name) {
    byte[] unwanted = name.getBytes(UTF_8);
    int value = valueOffset(unwanted);
    if (value < 0) {
      return this;
    }
    int start = value - unwanted.length - uvarintSize(unwanted.length);
    int end = endOfString(value);
    byte[] rest = new byte[bytes.length - (end - start)];
    System.arraycopy(bytes, 0, rest, 0, start);
    System.arraycopy(bytes, end, rest, start, bytes.length - end);
    return rest.length == 0 ? EMPTY : new Labels(rest);
  }

  /** Only the labels of these names. */
  public Labels keep(Set<String> names) {
    return filter(names, true);
  }

  /** All labels but those of these names. */
  public Labels drop(Set<String> names) {
    return filter(names, false);
  }

  private Labels filter(Set<String> names, boolean keep) {
    byte[] kept = new byte[bytes.length];
    int length = 0;
    for (int offset = 0; offset < bytes.length; ) {
      int end = endOfLabel(offset);
      if (names.contains(stringAt(offset)) == keep) {
        System.arraycopy(bytes, offset, kept, length, end - offset);
        length += end - offset;
      }
      offset = end;
    }
    if (length == bytes.length) {
      return this;
    }
    return length == 0 ? EMPTY : new Labels(Arrays.copyOf(kept, length));
  }

  public Builder toBuilder() {
    Builder builder = new Builder();
    forEach(builder::set);
    return builder;
  }

  /** By name, then value, label by label, bytewise; a set comes before one that it begins. */
  @Override
  public int compareTo(Labels other) {
    byte[] its = other.bytes;
    int difference = Arrays.mismatch(bytes, its);
    if (difference < 0) {
      return 0;
    }
    int start = 0;
    int end = 0;
    while (end <= difference) {
      start = end;
      if (start == bytes.length || start == its.length) {
        return Integer.compare(bytes.length, its.length);
      }
      end = endOfString(start);
    }
    return Arrays.compareUnsigned(
        bytes,
        startOfString(bytes, start),
        end,
        its,
        startOfString(its, start),
        other.endOfString(start));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Labels labels && Arrays.equals(bytes, labels.bytes);
  }

  @Override
  public int hashCode() {
    int h = hash;
    if (h == 0) {
      h = Arrays.hashCode(bytes);
      hash = h;
    }
    return h;
  }

  /** As Prometheus prints it: {@code {__name__="up", job="node"}}. */
  @Override
  public String toString() {
    List<String> parts = new ArrayList<>();
    forEach((name, value) -> parts.add(name + "=\"" + escape(value) + "\""));
    return "{" + String.join(", ", parts) + "}";
  }

  private static String escape(String value) {
    return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }

  /** Offset of the length before the value of this name, or -1. */
  private int valueOffset(byte[] name) {
    for (int offset = 0; offset < bytes.length; ) {
      int value = endOfString(offset);
      int order =
          Arrays.compareUnsigned(bytes, startOfString(bytes, offset), value, name, 0, name.length);
      if (order == 0) {
        return value;
      }
      if (order > 0) {
        return -1;
      }
      offset = endOfString(value);
    }
    return -1;
  }

  /** Offset in the canonical bytes after the label that begins at another one. */
  public int endOfLabel(int offset) {
    return endOfString(endOfString(offset));
  }

  private int endOfString(int offset) {
    byte first = bytes[offset];
    if (first >= 0) {
      return offset + 1 + first;
    }
    int length = (int) uvarint(bytes, offset);
    return offset + uvarintSize(length) + length;
  }

  private static int startOfString(byte[] bytes, int offset) {
    while (bytes[offset] < 0) {
      offset++;
    }
    return offset + 1;
  }

  private String stringAt(int offset) {
    int start = startOfString(bytes, offset);
    return new String(bytes, start, endOfString(offset) - start, UTF_8);
  }

  private static long uvarint(byte[] bytes, int offset) {
    long value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      if (offset >= bytes.length) {
        throw new IllegalArgumentException("label bytes end within a length at offset " + offset);
      }
      byte b = bytes[offset++];
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        if (b == 0 && shift > 0) {
          throw new IllegalArgumentException("overlong length before offset " + offset);
        }
        return value;
      }
    }
    throw new IllegalArgumentException("length of more than 35 bits before offset " + offset);
  }

  private static int uvarintSize(long value) {
    int size = 1;
    while (value >= 0x80) {
      value >>>= 7;
      size++;
    }
    return size;
  }

  /** Collects labels in any order; not for several threads. */
  public static final class Builder {
    // By UTF-8 bytes, which order otherwise than a String's UTF-16 units.
    private final Map<byte[], byte[]> sorted = new TreeMap<>(Arrays::compareUnsigned);

    /** Sets a label; an empty value removes it. */
    public Builder set(String name, String value) {
      if (name.isEmpty()) {
        throw new IllegalArgumentException("empty label name with value " + value);
      }
      if (value.isEmpty()) {
        sorted.remove(name.getBytes(UTF_8));
      } else {
        sorted.put(name.getBytes(UTF_8), value.getBytes(UTF_8));
      }
      return this;
    }

    public Builder remove(String name) {
      sorted.remove(name.getBytes(UTF_8));
      return this;
    }

    public Labels build() {
      if (sorted.isEmpty()) {
        return EMPTY;
      }
      int size = 0;
      for (Map.Entry<byte[], byte[]> label : sorted.entrySet()) {
        int name = label.getKey().length;
        int value = label.getValue().length;
        size += uvarintSize(name) + name + uvarintSize(value) + value;
      }
      byte[] bytes = new byte[size];
      int offset = 0;
      for (Map.Entry<byte[], byte[]> label : sorted.entrySet()) {
        offset = put(bytes, offset, label.getKey());
        offset = put(bytes, offset, label.getValue());
      }
      return new Labels(bytes);
    }

    private static int put(byte[] bytes, int offset, byte[] string) {
      int length = string.length;
      while (length >= 0x80) {
        bytes[offset++] = (byte) (length | 0x80);
        length >>>= 7;
      }
      bytes[offset++] = (byte) length;
      System.arraycopy(string, 0, bytes, offset, string.length);
      return offset + string.length;
    }
  }
}
