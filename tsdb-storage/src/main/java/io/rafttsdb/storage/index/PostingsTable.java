package io.rafttsdb.storage.index;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rafttsdb.storage.file.FileScanner;
import io.rafttsdb.storage.file.ReadableFile;
import io.rafttsdb.storage.file.SummedFile;
import io.rafttsdb.storage.model.CorruptFile;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The postings offset table of an index file: all names and the place of every 32nd entry are in
 * memory, the rest is looked up in the file. On any thread.
 */
final class PostingsTable {

  /** Entries for each that is in memory. */
  static final int STEP = 32;

  /** No list of postings. */
  static final long NONE = -1;

  private static final int WINDOW_BYTES = 1 << 10;

  private static final byte[] EMPTY = {};

  private final ReadableFile file;
  private final long start;
  private final long end;
  private final Map<String, Name> names;

  /** Places relative to the first entry, as unsigned numbers. */
  private final int[] places;

  /** The entries of a name: [first, end), and the place of the first. */
  private record Name(int first, int end, long place) {}

  /** Is told a value and the place of its postings; says whether to go on. */
  interface ValueVisitor {
    boolean value(byte[] value, long postings) throws IOException;
  }

  private PostingsTable(
      ReadableFile file, long start, long end, Map<String, Name> names, int[] places) {
    this.file = file;
    this.start = start;
    this.end = end;
    this.names = names;
    this.places = places;
  }

  /** One entry. */
  private static final class Entry {
    private byte[] name = EMPTY;
    private byte[] value = EMPTY;
    private long postings;

    void read(FileScanner in) throws IOException {
      int strings = in.uint8();
      if (strings != IndexFormat.POSTINGS_KEY_STRINGS) {
        throw in.corrupt("an entry of 2 strings", "" + strings);
      }
      name = in.bytes(in.length("a label name"));
      value = in.bytes(in.length("a label value"));
      postings = in.uvarint();
    }
  }

  /** Reads the table at a place, which is checked, the order of its entries included. */
  static PostingsTable read(ReadableFile file, long offset) throws IOException {
    Section section = Section.check(file, offset, "the postings offset table");
    SummedFile summed = SummedFile.of(file, section.start(), section.end());
    FileScanner in = new FileScanner(summed, section.start(), section.end());
    if (section.count() > in.remaining()) {
      throw in.corrupt("entries in " + in.remaining() + " bytes", "" + section.count());
    }
    int count = (int) section.count();
    int[] places = new int[(count + STEP - 1) / STEP];
    Map<String, Name> names = new LinkedHashMap<>();
    Entry entry = new Entry();
    byte[] name = EMPTY;
    byte[] value = EMPTY;
    int first = 0;
    long firstPlace = section.start();
    for (int i = 0; i < count; i++) {
      long place = in.position();
      if (i % STEP == 0) {
        places[i / STEP] = (int) (place - section.start());
      }
      entry.read(in);
      boolean isNewName = i == 0 || !Arrays.equals(entry.name, name);
      if (i > 0) {
        checkOrder(file, place, entry, name, value);
      }
      if (isNewName && i > 0) {
        names.put(new String(name, UTF_8), new Name(first, i, firstPlace));
        first = i;
        firstPlace = place;
      }
      name = entry.name;
      value = entry.value;
    }
    if (count > 0) {
      names.put(new String(name, UTF_8), new Name(first, count, firstPlace));
    }
    if (in.remaining() > 0) {
      throw in.corrupt("the end of " + count + " entries", in.remaining() + " bytes");
    }
    return new PostingsTable(summed, section.start(), section.end(), names, places);
  }

  private static void checkOrder(
      ReadableFile file, long place, Entry entry, byte[] name, byte[] value) throws CorruptFile {
    int byName = Arrays.compareUnsigned(entry.name, name);
    if (byName < 0 || (byName == 0 && Arrays.compareUnsigned(entry.value, value) <= 0)) {
      throw new CorruptFile(
          file.path(), place, "an entry after " + text(name, value), text(entry.name, entry.value));
    }
  }

  /** A label as messages show it. */
  static String text(byte[] name, byte[] value) {
    return new String(name, UTF_8) + "=\"" + new String(value, UTF_8) + "\"";
  }

  /** Goes over all entries, in order. For one thread. */
  final class Walk {
    private final FileScanner in = new FileScanner(file, start, end);
    private final Entry entry = new Entry();
    private long place;

    Walk() throws IOException {}

    /** Moves to the next entry; false at the end. */
    boolean next() throws IOException {
      place = in.position();
      if (in.remaining() == 0) {
        return false;
      }
      entry.read(in);
      return true;
    }

    /** Where the entry is in the file. */
    long place() {
      return place;
    }

    boolean is(byte[] name, byte[] value) {
      return Arrays.equals(entry.name, name) && Arrays.equals(entry.value, value);
    }

    long postings() {
      return entry.postings;
    }

    @Override
    public String toString() {
      return text(entry.name, entry.value);
    }
  }

  /** Label names, sorted; the empty one is that of all series. */
  List<String> names() {
    return List.copyOf(names.keySet());
  }

  int valueCount(String name) {
    Name range = names.get(name);
    return range == null ? 0 : range.end - range.first;
  }

  /** Place of the postings of a label, or {@link #NONE}. */
  long postings(String name, String value) throws IOException {
    byte[] wanted = value.getBytes(UTF_8);
    long[] found = {NONE};
    forEachFrom(
        name,
        wanted,
        (next, postings) -> {
          if (Arrays.equals(next, wanted)) {
            found[0] = postings;
          }
          return false;
        });
    return found[0];
  }

  /** Visits the values of a name that have a prefix, in order. */
  void forEach(String name, String prefix, ValueVisitor visitor) throws IOException {
    byte[] start = prefix.getBytes(UTF_8);
    forEachFrom(
        name,
        start,
        (value, postings) -> {
          boolean isWithin =
              value.length >= start.length
                  && Arrays.equals(value, 0, start.length, start, 0, start.length);
          return isWithin && visitor.value(value, postings);
        });
  }

  private void forEachFrom(String name, byte[] from, ValueVisitor visitor) throws IOException {
    Name range = names.get(name);
    if (range == null) {
      return;
    }
    Entry entry = new Entry();
    int at = range.first;
    long place = range.place;
    int sample = sampleBefore(range, from, entry);
    if (sample >= 0) {
      at = sample * STEP;
      place = start + Integer.toUnsignedLong(places[sample]);
    }
    FileScanner in = new FileScanner(file, place, end, WINDOW_BYTES);
    for (; at < range.end; at++) {
      entry.read(in);
      if (Arrays.compareUnsigned(entry.value, from) >= 0
          && !visitor.value(entry.value, entry.postings)) {
        return;
      }
    }
  }

  /** The last place in memory whose value is at or before a value, or -1. */
  private int sampleBefore(Name range, byte[] from, Entry entry) throws IOException {
    int low = (range.first + STEP - 1) / STEP;
    int high = (range.end - 1) / STEP;
    int found = -1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      long place = start + Integer.toUnsignedLong(places[middle]);
      entry.read(new FileScanner(file, place, end, WINDOW_BYTES));
      if (Arrays.compareUnsigned(entry.value, from) <= 0) {
        found = middle;
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return found;
  }
}
