package io.rafttsdb.storage.part;

import io.rafttsdb.storage.block.BlockChecksum;
import io.rafttsdb.storage.block.BlockMeta;
import io.rafttsdb.storage.block.BlockVerifier;
import io.rafttsdb.storage.block.Tombstones;
import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.Digest;
import io.rafttsdb.storage.model.BlockFile;
import io.rafttsdb.storage.model.CorruptFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/**
 * The files of a block that never change once it is built: meta.json, index and chunk segments.
 * Snapshots have second names for them, and nodes send them to each other. Tombstones are derived
 * from the manifest's deletes and are none of them.
 */
public final class BlockFiles {

  private static final String META = "meta.json";
  private static final String INDEX = "index";
  private static final String CHUNKS = "chunks";
  private static final String TOMBSTONES = "tombstones";

  private BlockFiles() {}

  /** The files of a block's directory: meta.json, index, segments ascending. */
  public static List<BlockFile> of(Path directory) throws IOException {
    List<BlockFile> files = new ArrayList<>();
    files.add(new BlockFile(META, Files.size(directory.resolve(META))));
    files.add(new BlockFile(INDEX, Files.size(directory.resolve(INDEX))));
    List<Path> segments;
    try (Stream<Path> listed = Files.list(directory.resolve(CHUNKS))) {
      segments = listed.sorted().toList();
    }
    for (Path segment : segments) {
      String name = CHUNKS + "/" + segment.getFileName();
      try {
        files.add(new BlockFile(name, Files.size(segment)));
      } catch (IllegalArgumentException e) {
        throw new CorruptFile(segment, 0, "segments alone", name);
      }
    }
    return files;
  }

  /** Bytes of index and segments, as {@link BlockFacts} count them. */
  public static long countedBytes(List<BlockFile> files) {
    return files.stream().filter(BlockFile::isCounted).mapToLong(BlockFile::sizeBytes).sum();
  }

  /**
   * Makes a directory of second names for the files of a block and forces it. The name of the
   * directory itself is the caller's to force.
   *
   * @param to not there, on the same file system
   */
  public static void link(Disk disk, Path from, Path to) throws IOException {
    disk.createDirectory(to);
    disk.createDirectory(to.resolve(CHUNKS));
    for (BlockFile file : of(from)) {
      disk.link(from.resolve(file.name()), to.resolve(file.name()));
    }
    disk.forceDirectory(to.resolve(CHUNKS));
    disk.forceDirectory(to);
  }

  /**
   * Adds what a block's directory needs to be opened beside its files, and forces it: tombstones
   * that say that nothing is deleted. Nothing happens where it is there.
   */
  public static void complete(Disk disk, Path directory) throws IOException {
    Path tombstones = directory.resolve(TOMBSTONES);
    if (!Files.exists(tombstones)) {
      Tombstones.NONE.write(disk, tombstones);
      disk.forceDirectory(directory);
    }
  }

  /**
   * Checks every byte of a block that has been completed.
   *
   * @param beforeRead told the bytes of each read before it happens, and may make it wait
   * @return what there is in it
   * @throws CorruptFile on the first problem
   */
  public static BlockFacts verify(Path directory, LongConsumer beforeRead) throws IOException {
    BlockMeta meta = BlockVerifier.verify(directory, beforeRead);
    return new BlockFacts(
        checksum(directory, beforeRead),
        countedBytes(of(directory)),
        meta.stats().series(),
        meta.stats().chunks(),
        meta.stats().samples());
  }

  /** The checksum of {@link BlockFacts} of a block as it is on disk, good or not. */
  public static Digest checksum(Path directory, LongConsumer beforeRead) throws IOException {
    return Digest.of(BlockChecksum.of(directory, beforeRead));
  }
}
