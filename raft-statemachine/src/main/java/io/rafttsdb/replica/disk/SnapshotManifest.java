package io.rafttsdb.replica.disk;

import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * What a snapshot directory holds (docs/format/snapshot.md): the state after exactly one entry.
 *
 * @param clusterId whose state it is
 * @param term of the last entry
 * @param index of the last entry
 * @param stateHash of the state in hexadecimal digits, equal on every replica at this index
 * @param files those that belong to no block, each once; the image of the engine is among them
 * @param blocks each once
 * @param members of the cluster as of that entry, as Ratis names them
 */
public record SnapshotManifest(
    UUID clusterId,
    long term,
    long index,
    String stateHash,
    List<SnapshotFile> files,
    List<SnapshotBlock> blocks,
    List<String> members) {

  /** Name of the manifest within a snapshot. */
  public static final String FILE_NAME = "manifest";

  /** Name of the image of the storage engine within a snapshot. */
  public static final String IMAGE_NAME = "head";

  /** Longest manifest that is believed. */
  public static final int BYTES_MAX = 64 << 20;

  public SnapshotManifest {
    if (term < 0 || index < 0) {
      throw new IllegalArgumentException("snapshot of term " + term + ", index " + index);
    }
    files = List.copyOf(files);
    blocks = List.copyOf(blocks);
    members = List.copyOf(members);
    Set<Object> names = new HashSet<>();
    files.forEach(file -> requireNew(names, file.path()));
    blocks.forEach(block -> requireNew(names, block.ulid()));
    if (!names.contains(IMAGE_NAME)) {
      throw new IllegalArgumentException("snapshot without the file " + IMAGE_NAME);
    }
  }

  private static void requireNew(Set<Object> names, Object name) {
    if (!names.add(name)) {
      throw new IllegalArgumentException("snapshot with " + name + " twice");
    }
  }

  /** Name of the snapshot and of its directory. */
  public String name() {
    return term + "_" + index;
  }

  /** Bytes of the files that belong to no block: what was written for this snapshot. */
  public long writtenBytes() {
    return files.stream().mapToLong(SnapshotFile::sizeBytes).sum();
  }

  public Optional<SnapshotFile> file(String path) {
    return files.stream().filter(file -> file.path().equals(path)).findFirst();
  }

  public Optional<SnapshotBlock> block(Ulid ulid) {
    return blocks.stream().filter(block -> block.ulid().equals(ulid)).findFirst();
  }

  /** The bytes of its file, which {@link #decode} reads. */
  public byte[] encode() {
    return SnapshotManifestCodec.encode(this);
  }

  /**
   * Reads a manifest.
   *
   * @throws IOException where the bytes are none of this version, or damaged
   */
  public static SnapshotManifest decode(byte[] bytes) throws IOException {
    return SnapshotManifestCodec.decode(bytes);
  }

  static SnapshotManifest read(Path directory) throws IOException {
    Path file = directory.resolve(FILE_NAME);
    if (Files.size(file) > BYTES_MAX) {
      throw new IOException(file + " has " + Files.size(file) + " bytes, at most " + BYTES_MAX);
    }
    try {
      return decode(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }
}
