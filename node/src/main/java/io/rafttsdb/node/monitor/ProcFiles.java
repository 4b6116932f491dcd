package io.rafttsdb.node.monitor;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Reads the small text files of the kernel. */
final class ProcFiles {

  /** No file read here is longer on a machine of hundreds of cores; what follows is left out. */
  private static final int BYTES_MAX = 1 << 20;

  private final Path root;

  /**
   * @param root the kernel's directory: /proc
   */
  ProcFiles(Path root) {
    this.root = root;
  }

  /** The lines of a file, or none where it can't be read. */
  List<String> lines(String name) {
    try (InputStream in = Files.newInputStream(root.resolve(name))) {
      return new String(in.readNBytes(BYTES_MAX), UTF_8).lines().toList();
    } catch (IOException e) {
      return List.of(); // not this kind of system, or not ours to read
    }
  }

  /** Names in a directory; 0 where it can't be read. */
  long count(String name) {
    try (var files = Files.list(root.resolve(name))) {
      return files.count();
    } catch (IOException e) {
      return 0;
    }
  }

  /** Fields between blanks. */
  static String[] fields(String line) {
    return line.strip().split("\\s+");
  }

  /** A decimal number, or NaN where the text is none. */
  static double number(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }
}
