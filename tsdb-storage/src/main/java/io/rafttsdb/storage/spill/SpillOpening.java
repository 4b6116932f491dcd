package io.rafttsdb.storage.spill;

import io.rafttsdb.storage.file.ChannelFile;
import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.file.ReadableFile;
import io.rafttsdb.storage.model.CorruptFile;
import io.rafttsdb.storage.model.FormatTooNew;
import io.rafttsdb.storage.model.FormatTooOld;
import io.rafttsdb.storage.spill.SpillFiles.Refused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Makes a directory, as a crash may have left it, one of files that ended. For one thread, once.
 *
 * <p>All files but the last ended before the next one was begun. The last may have ended, or have a
 * torn tail, which is cut as far as it was never forced, by a copy that takes its place: the file
 * itself may be linked into a snapshot.
 */
final class SpillOpening {

  private final Disk disk;
  private final Path directory;
  private final NavigableMap<Integer, Long> endedBytes = new TreeMap<>();
  private final List<Refused> refused = new ArrayList<>();
  private long cutBytes;

  SpillOpening(Disk disk, Path directory) {
    this.disk = disk;
    this.directory = directory;
  }

  /** Lengths of the files that ended, by their numbers. */
  NavigableMap<Integer, Long> endedBytes() {
    return endedBytes;
  }

  List<Refused> refused() {
    return refused;
  }

  /** Bytes that were cut off the last file. */
  long cutBytes() {
    return cutBytes;
  }

  /** Looks at all files and returns the number that the next one gets. */
  int run() throws IOException {
    sweep(disk, directory);
    NavigableSet<Integer> numbers = numbers(directory);
    for (int number : numbers) {
      Path path = directory.resolve(SpillFormat.name(number));
      try {
        Optional<Long> sizeBytes = open(path, number, number == numbers.last());
        sizeBytes.ifPresent(size -> endedBytes.put(number, size));
      } catch (IOException e) {
        refused.add(new Refused(number, e, setAside(path, e)));
      }
    }
    return numbers.isEmpty() ? 1 : Math.addExact(numbers.last(), 1);
  }

  /** Removes what was to replace a file when a crash came. */
  static void sweep(Disk disk, Path directory) throws IOException {
    for (String name : names(directory)) {
      if (name.endsWith(SpillFormat.REPLACEMENT)) {
        String file = name.substring(0, name.length() - SpillFormat.REPLACEMENT.length());
        if (SpillFormat.number(file).isPresent()) {
          disk.delete(directory.resolve(name));
        }
      }
    }
  }

  /** Numbers of the files in a directory; other names are nobody's matter here. */
  static NavigableSet<Integer> numbers(Path directory) throws IOException {
    NavigableSet<Integer> numbers = new TreeSet<>();
    for (String name : names(directory)) {
      SpillFormat.number(name).ifPresent(numbers::add);
    }
    return numbers;
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }

  /** Length of a file that ended or was made to; empty where nothing was in it. */
  private Optional<Long> open(Path path, int number, boolean isLast) throws IOException {
    try (ChannelFile file = ChannelFile.open(path, bytes -> {})) {
      if (isLast && wasNeverBegun(file, number)) {
        return remove(path);
      }
      SpillRecord.checkHeader(file, number);
      if (SpillScan.hasEnd(file)) {
        return Optional.of(file.sizeBytes());
      }
      if (!isLast) {
        throw new CorruptFile(path, file.sizeBytes(), "a mark of the end before it", "none");
      }
      SpillScan.Found found = SpillScan.records(file, number, chunk -> {});
      if (found.damage() != null && SpillScan.wasForcedBeyond(file, found.goodBytes())) {
        throw found.damage();
      }
      cutBytes = file.sizeBytes() - found.goodBytes();
      return found.chunkCount() == 0 ? remove(path) : end(file, number, found.goodBytes());
    }
  }

  /** Whether a crash came before the header was forced, so that no chunk can be in it. */
  private static boolean wasNeverBegun(ReadableFile file, int number) throws IOException {
    if (file.sizeBytes() > SpillFormat.HEADER_BYTES) {
      return false;
    }
    try {
      SpillRecord.checkHeader(file, number);
      return false;
    } catch (FormatTooNew e) {
      return false;
    } catch (CorruptFile e) {
      return true;
    }
  }

  private Optional<Long> remove(Path path) throws IOException {
    disk.delete(path);
    disk.forceDirectory(directory);
    return Optional.empty();
  }

  /** Puts a copy of the first bytes, and the end, in a file's place. */
  private Optional<Long> end(ReadableFile file, int number, long goodBytes) throws IOException {
    Path replacement = directory.resolve(SpillFormat.name(number) + SpillFormat.REPLACEMENT);
    long sizeBytes;
    try (SpillWriter writer = SpillWriter.begin(disk, replacement, number)) {
      writer.copy(file, goodBytes);
      writer.end();
      sizeBytes = writer.forcedBytes();
    }
    disk.rename(replacement, file.path());
    disk.forceDirectory(directory);
    return Optional.of(sizeBytes);
  }

  private Optional<Path> setAside(Path path, IOException problem) throws IOException {
    return switch (problem) {
      case FormatTooNew newer -> Optional.empty();
      case FormatTooOld older -> Optional.empty();
      case CorruptFile corrupt -> Optional.of(quarantine(path));
      default -> Optional.empty();
    };
  }

  private Path quarantine(Path path) throws IOException {
    Path quarantine = directory.resolve(SpillFormat.QUARANTINE);
    if (!Files.exists(quarantine)) {
      disk.createDirectory(quarantine);
      disk.forceDirectory(directory);
    }
    String name = path.getFileName() + "-corrupt";
    Path target = quarantine.resolve(name);
    for (int i = 2; Files.exists(target); i++) {
      target = quarantine.resolve(name + "-" + i);
    }
    disk.rename(path, target);
    disk.forceDirectory(quarantine);
    disk.forceDirectory(directory);
    return target;
  }
}
