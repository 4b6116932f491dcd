package io.rafttsdb.bench;

import io.rafttsdb.storage.block.Block;
import io.rafttsdb.storage.block.BlockMeta;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** How much room blocks take, by what is in their files. */
record BlockFigures(int blocks, long samples, long chunkBytes, long indexBytes) {

  /** Of block directories, ours or a Prometheus's. */
  static BlockFigures of(List<Path> directories) throws IOException {
    long samples = 0;
    long chunkBytes = 0;
    long indexBytes = 0;
    for (Path directory : directories) {
      try (Block block = Block.open(directory)) {
        BlockMeta meta = block.meta();
        samples += meta.stats().samples();
      }
      indexBytes += Files.size(directory.resolve("index"));
      try (Stream<Path> segments = Files.list(directory.resolve("chunks"))) {
        for (Path segment : segments.toList()) {
          chunkBytes += Files.size(segment);
        }
      }
    }
    return new BlockFigures(directories.size(), samples, chunkBytes, indexBytes);
  }

  long bytes() {
    return chunkBytes + indexBytes;
  }

  String line(String name) {
    return String.format(
        Locale.ROOT,
        "%-32s %3d blocks %,12d samples  chunks %.3f  index %.3f  together %.3f bytes/sample",
        name,
        blocks,
        samples,
        (double) chunkBytes / samples,
        (double) indexBytes / samples,
        (double) bytes() / samples);
  }
}
