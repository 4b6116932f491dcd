package io.rafttsdb.storage.head;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.file.DiskFile;
import io.rafttsdb.storage.file.ForgetfulDisk;
import io.rafttsdb.storage.spill.SpillFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** Where a test has its full chunks: in memory, or in short files on a disk not waited for. */
enum TestChunks {
  IN_MEMORY,
  ON_DISK;

  private static final long FILE_BYTES = 20_000;
  private static final Disk DISK = new ForgetfulDisk();

  /** A store of a Head that begins, in a directory that is not there yet. */
  ChunkStore store(Path directory) throws IOException {
    if (this == IN_MEMORY) {
      return ChunkStore.MEMORY;
    }
    Files.createDirectory(directory);
    return open(directory);
  }

  private static ChunkStore open(Path directory) throws IOException {
    SpillFiles.Opened opened = SpillFiles.open(DISK, directory, FILE_BYTES, Runnable::run);
    assertThat(opened.refused()).isEmpty();
    return ChunkStore.of(opened.files(), () -> {});
  }

  /**
   * Writes an image, with links to the files of full chunks, and reads it again.
   *
   * @param directory which is not there yet
   */
  Head reread(FrozenHead frozen, Path directory) throws IOException {
    Path linked = Files.createDirectories(directory.resolve("linked"));
    Path image = directory.resolve("image");
    Set<Integer> files = ImageWriter.link(frozen, linked);
    try (DiskFile file = DISK.create(image)) {
      byte[] hash = ImageWriter.write(frozen, file, files);
      assertThat(ImageWriter.hash(frozen)).isEqualTo(hash);
    }
    if (this == IN_MEMORY) {
      return ImageReader.read(image);
    }
    Path restored = Files.createDirectory(directory.resolve("restored"));
    SpillFiles.restore(DISK, linked, restored);
    return ImageReader.read(image, open(restored));
  }
}
