package io.rafttsdb.storage.model;

/**
 * A file of a block that never changes once the block is built.
 *
 * @param name within the block's directory: {@code meta.json}, {@code index} or {@code
 *     chunks/NNNNNN}
 */
public record BlockFile(String name, long sizeBytes) {
  public BlockFile {
    if (!name.matches("meta\\.json|index|chunks/\\d{6}")) {
      throw new IllegalArgumentException(
          "file \"" + name + "\" of a block, expected meta.json, index or chunks/NNNNNN");
    }
    if (sizeBytes < 0) {
      throw new IllegalArgumentException("file " + name + " of " + sizeBytes + " bytes");
    }
  }

  /** Whether the block's size counts it: meta.json is not the same on all nodes. */
  public boolean isCounted() {
    return !name.equals("meta.json");
  }
}
