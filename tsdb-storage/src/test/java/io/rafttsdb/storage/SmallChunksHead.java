package io.rafttsdb.storage;

import io.rafttsdb.storage.file.ForgetfulDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** A directory of full chunks as tests want it: short files, on a disk that is not waited for. */
final class SmallChunksHead {

  private static final long FILE_BYTES = 6_000;

  private SmallChunksHead() {}

  static ChunksHead in(Path directory) {
    return new ChunksHead(new ForgetfulDisk(), directory, FILE_BYTES, Runnable::run);
  }

  /** Files that are there, of all engines. */
  static long countIn(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).count();
    }
  }

  /** Writes a snapshot of an engine and closes it; loads it into an engine that goes on. */
  static Tsdb reload(Tsdb tsdb, Path snapshot, Path directory) throws IOException {
    new ForgetfulDisk().delete(snapshot);
    Files.createDirectory(snapshot);
    try (FrozenTsdb frozen = tsdb.freeze()) {
      frozen.writeSnapshot(snapshot);
    }
    tsdb.close();
    return Tsdb.load(snapshot, in(directory));
  }
}
