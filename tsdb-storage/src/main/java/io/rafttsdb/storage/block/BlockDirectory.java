package io.rafttsdb.storage.block;

import io.rafttsdb.storage.block.BlockMeta.Parent;
import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.model.CorruptFile;
import io.rafttsdb.storage.model.FormatTooNew;
import io.rafttsdb.storage.model.FormatTooOld;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.stream.Stream;

/**
 * A directory of blocks, ours or a Prometheus's: each in a directory that bears its ULID. Whatever
 * else is there (a Prometheus's wal, chunks_head, lock) is left alone. For one thread at a time.
 */
public final class BlockDirectory {

  /** Where damaged blocks are moved to. */
  public static final String QUARANTINE = "quarantine";

  private final Path path;
  private final Disk disk;

  /**
   * @param path a directory that is there
   */
  public BlockDirectory(Path path, Disk disk) {
    this.path = path;
    this.disk = disk;
  }

  /**
   * What opening found.
   *
   * @param blocks open blocks by time, then ULID
   * @param replaced blocks of which an open block says that it was made of them; not opened
   * @param refused what could not be opened
   */
  public record Opened(List<Block> blocks, List<Ulid> replaced, List<Refused> refused) {
    public Opened {
      blocks = List.copyOf(blocks);
      replaced = List.copyOf(replaced);
      refused = List.copyOf(refused);
    }
  }

  /**
   * A block that could not be opened.
   *
   * @param movedTo its quarantine; empty where it was left in its place, since another version or
   *     another try may read it
   */
  public record Refused(Ulid ulid, IOException reason, Optional<Path> movedTo) {}

  /** ULIDs of the blocks, ascending; whether they can be opened is another matter. */
  public List<Ulid> list() throws IOException {
    List<Ulid> found = new ArrayList<>();
    try (Stream<Path> files = Files.list(path)) {
      files
          .filter(file -> Ulid.isUlid(name(file)) && Files.isDirectory(file))
          .forEach(file -> found.add(Ulid.parse(name(file))));
    }
    found.sort(null);
    return found;
  }

  /** Directory of a block. */
  public Path of(Ulid ulid) {
    return path.resolve(ulid.toString());
  }

  /** By which everything here is changed. */
  public Disk disk() {
    return disk;
  }

  /** Where a block may be filled before it gets its name; {@link #sweep} removes it. */
  public Path creation(Ulid ulid) {
    return BlockFormat.creation(path, ulid);
  }

  /**
   * Gives a complete and forced directory the name of a block, for good.
   *
   * @param complete on the same file system
   */
  public void adopt(Ulid ulid, Path complete) throws IOException {
    disk.rename(complete, of(ulid));
    disk.forceDirectory(path);
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  /** Removes what a crash left half made or half deleted; while nobody writes or deletes blocks. */
  public void sweep() throws IOException {
    List<Path> rests;
    try (Stream<Path> files = Files.list(path)) {
      rests =
          files
              .filter(file ->
                  name(file).endsWith(BlockFormat.CREATION)
                      || name(file).endsWith(BlockFormat.DELETION))
              .filter(file -> Ulid.isUlid(name(file).substring(0, name(file).indexOf('.'))))
              .sorted()
              .toList();
    }
    for (Path rest : rests) {
      disk.delete(rest);
    }
    for (Ulid ulid : list()) {
      for (String file : List.of(BlockFormat.META, BlockFormat.TOMBSTONES)) {
        disk.delete(of(ulid).resolve(file + BlockFormat.REPLACEMENT));
      }
    }
  }

  /**
   * Sweeps, and opens all blocks. A damaged one is moved aside and named in the result; the others
   * are opened nevertheless.
   *
   * @param unmapper see {@link Block#open(Path, Executor)}
   */
  public Opened open(Executor unmapper) throws IOException {
    sweep();
    List<Block> blocks = new ArrayList<>();
    List<Refused> refused = new ArrayList<>();
    try {
      for (Ulid ulid : list()) {
        try {
          blocks.add(Block.open(of(ulid), unmapper));
        } catch (IOException e) {
          refused.add(new Refused(ulid, e, setAside(ulid, e)));
        }
      }
    } catch (Throwable e) {
      blocks.forEach(Block::close);
      throw e;
    }
    Set<Ulid> parents = new HashSet<>();
    blocks.forEach(block ->
        block.meta().compaction().parents().stream().map(Parent::ulid).forEach(parents::add));
    List<Ulid> replaced = new ArrayList<>();
    List<Block> kept = new ArrayList<>();
    for (Block block : blocks) {
      if (parents.contains(block.meta().ulid())) {
        replaced.add(block.meta().ulid());
        block.close();
      } else {
        kept.add(block);
      }
    }
    kept.sort(
        Comparator.comparingLong((Block block) -> block.meta().minMs())
            .thenComparing(block -> block.meta().ulid()));
    return new Opened(kept, replaced, refused);
  }

  private Optional<Path> setAside(Ulid ulid, IOException problem) throws IOException {
    return switch (problem) {
      case FormatTooNew newer -> Optional.empty();
      case FormatTooOld older -> Optional.empty();
      case CorruptFile corrupt -> Optional.of(quarantine(ulid, "corrupt"));
      case NoSuchFileException missing -> Optional.of(quarantine(ulid, "incomplete"));
      default -> Optional.empty();
    };
  }

  /**
   * Moves a damaged block aside, where nobody opens it and a person can look at it.
   *
   * @param reason a word of small letters, part of the name that it gets
   * @return where it is now
   */
  public Path quarantine(Ulid ulid, String reason) throws IOException {
    if (!reason.matches("[a-z0-9-]+")) {
      throw new IllegalArgumentException("expected a word of small letters, got " + reason);
    }
    Path quarantine = path.resolve(QUARANTINE);
    if (!Files.exists(quarantine)) {
      disk.createDirectory(quarantine);
      disk.forceDirectory(path);
    }
    Path target = quarantine.resolve(ulid + "-" + reason);
    for (int i = 2; Files.exists(target); i++) {
      target = quarantine.resolve(ulid + "-" + reason + "-" + i);
    }
    disk.rename(of(ulid), target);
    disk.forceDirectory(quarantine);
    disk.forceDirectory(path);
    return target;
  }

  /**
   * Deletes a block whole: after a crash it is there with everything, or not. Who has it open may
   * go on reading. Nothing happens where there is none.
   */
  public void delete(Ulid ulid) throws IOException {
    Path target = BlockFormat.deletion(path, ulid);
    disk.delete(target);
    if (!Files.exists(of(ulid))) {
      return;
    }
    disk.rename(of(ulid), target);
    disk.forceDirectory(path);
    disk.delete(target);
  }
}
