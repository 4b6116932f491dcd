package io.rafttsdb.storage.block;

import io.rafttsdb.storage.block.Intervals.Interval;
import io.rafttsdb.storage.file.ChannelFile;
import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.file.DiskOutput;
import io.rafttsdb.storage.file.FileScanner;
import io.rafttsdb.storage.file.ReadableFile;
import io.rafttsdb.storage.model.CorruptFile;
import io.rafttsdb.storage.model.FormatTooNew;
import io.rafttsdb.storage.model.FormatTooOld;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What of a block's series is not to be seen any more, and its file. Immutable.
 *
 * @param bySeries deleted time ranges by the series' ids in the block's index; none is empty
 */
public record Tombstones(SortedMap<Long, Intervals> bySeries) {

  public static final Tombstones NONE = new Tombstones(Collections.emptySortedMap());

  public Tombstones {
    for (Map.Entry<Long, Intervals> series : bySeries.entrySet()) {
      if (series.getKey() < 0 || series.getValue().isEmpty()) {
        throw new IllegalArgumentException(
            "expected deleted ranges of series " + series.getKey() + ", got none");
      }
    }
    bySeries = Collections.unmodifiableSortedMap(new TreeMap<>(bySeries));
  }

  /** What is deleted of a series. */
  public Intervals of(long seriesId) {
    return bySeries.getOrDefault(seriesId, Intervals.NONE);
  }

  public boolean isEmpty() {
    return bySeries.isEmpty();
  }

  /** How many ranges there are, those of all series. */
  public long count() {
    return bySeries.values().stream().mapToLong(ranges -> ranges.ranges().size()).sum();
  }

  /** These and others. */
  public Tombstones with(Tombstones more) {
    SortedMap<Long, Intervals> all = new TreeMap<>(bySeries);
    more.bySeries.forEach((id, ranges) -> all.merge(id, ranges, Tombstones::union));
    return new Tombstones(all);
  }

  private static Intervals union(Intervals some, Intervals others) {
    List<Interval> all = new ArrayList<>(some.ranges());
    all.addAll(others.ranges());
    return Intervals.of(all);
  }

  /** Reads and checks a file. */
  static Tombstones read(Path path) throws IOException {
    try (ChannelFile file = ChannelFile.open(path, bytes -> {})) {
      return read(file);
    }
  }

  static Tombstones read(ReadableFile file) throws IOException {
    checkHeader(file);
    long end = file.sizeBytes() - Integer.BYTES;
    FileScanner sum = new FileScanner(file, BlockFormat.TOMBSTONES_HEADER_BYTES, file.sizeBytes());
    sum.startChecksum();
    sum.skip(end - BlockFormat.TOMBSTONES_HEADER_BYTES);
    sum.checkChecksum("the tombstones");
    FileScanner in = new FileScanner(file, BlockFormat.TOMBSTONES_HEADER_BYTES, end);
    SortedMap<Long, List<Interval>> found = new TreeMap<>();
    while (in.remaining() > 0) {
      long id = in.uvarint();
      long minMs = in.zigzag();
      long maxMs = in.zigzag();
      if (id < 0 || minMs > maxMs) {
        throw in.corrupt("a range of a series", "[" + minMs + ", " + maxMs + "] of series " + id);
      }
      found.computeIfAbsent(id, none -> new ArrayList<>()).add(new Interval(minMs, maxMs));
    }
    SortedMap<Long, Intervals> bySeries = new TreeMap<>();
    found.forEach((id, ranges) -> bySeries.put(id, Intervals.of(ranges)));
    return new Tombstones(bySeries);
  }

  private static void checkHeader(ReadableFile file) throws IOException {
    FileScanner in = new FileScanner(file, 0, file.sizeBytes());
    if (in.remaining() < BlockFormat.TOMBSTONES_HEADER_BYTES + Integer.BYTES) {
      throw in.corrupt("tombstones of 9 bytes or more", in.remaining() + " bytes");
    }
    int magic = in.int32();
    if (magic != BlockFormat.TOMBSTONES_MAGIC) {
      HexFormat hex = HexFormat.of();
      throw new CorruptFile(
          file.path(),
          0,
          "magic " + hex.toHexDigits(BlockFormat.TOMBSTONES_MAGIC) + " of tombstones",
          hex.toHexDigits(magic));
    }
    int version = in.uint8();
    int known = BlockFormat.TOMBSTONES_VERSION;
    if (version > known) {
      throw new FormatTooNew(file.path(), BlockFormat.VERSION_OFFSET, known, version);
    }
    if (version < known) {
      throw new FormatTooOld(file.path(), BlockFormat.VERSION_OFFSET, known, version);
    }
  }

  /** Writes a new file and makes its content last. */
  public void write(Disk disk, Path path) throws IOException {
    try (DiskOutput out = new DiskOutput(disk.create(path))) {
      out.putInt(BlockFormat.TOMBSTONES_MAGIC);
      out.putByte(BlockFormat.TOMBSTONES_VERSION);
      out.startChecksum();
      for (Map.Entry<Long, Intervals> series : bySeries.entrySet()) {
        for (Interval range : series.getValue().ranges()) {
          out.putUvarint(series.getKey());
          out.putZigzag(range.minMs());
          out.putZigzag(range.maxMs());
        }
      }
      out.putChecksum();
      out.force();
    }
  }
}
