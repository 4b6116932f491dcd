package io.rafttsdb.replica.backup;

import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.file.DiskFile;
import io.rafttsdb.storage.file.LocalDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The backups of a node: a directory each, which gets its name when everything in it is on disk.
 * For one thread at a time.
 */
public final class BackupDirectory {

  /** Name of the description beside the blocks. */
  public static final String DESCRIPTION = "raft-tsdb.json";

  private static final String TEMPORARY = ".tmp";
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9-]{1,100}");

  private final Path root;
  private final Disk disk;

  /**
   * Backups below a directory, which is made with the first.
   *
   * @param root on the file system of the blocks, so that these cost no space
   */
  public BackupDirectory(Path root) {
    this(root, new LocalDisk());
  }

  BackupDirectory(Path root, Disk disk) {
    this.root = root;
    this.disk = disk;
  }

  /** Removes what a crash left unfinished; while none is made. */
  public void sweep() throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    List<Path> unfinished;
    try (Stream<Path> listed = Files.list(root)) {
      unfinished = listed.filter(path -> path.toString().endsWith(TEMPORARY)).toList();
    }
    for (Path each : unfinished) {
      disk.delete(each);
    }
  }

  /** An empty directory for the blocks of a new backup. */
  public Path begin(String name) throws IOException {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("name of a backup \"" + name + "\"");
    }
    if (!Files.exists(root)) {
      disk.createDirectory(root);
      Path parent = root.toAbsolutePath().getParent();
      if (parent != null) {
        disk.forceDirectory(parent);
      }
    }
    Path temporary = temporary(name);
    disk.createDirectory(temporary);
    return temporary;
  }

  private Path temporary(String name) {
    return root.resolve(name + TEMPORARY);
  }

  /**
   * Adds the description to the blocks, which are forced, and gives the backup its name, for good.
   *
   * @return where it is
   */
  public Path publish(String name, byte[] description) throws IOException {
    Path temporary = temporary(name);
    try (DiskFile file = disk.create(temporary.resolve(DESCRIPTION))) {
      file.write(description, 0, description.length);
      file.force();
    }
    disk.forceDirectory(temporary);
    Path target = root.resolve(name);
    disk.rename(temporary, target);
    disk.forceDirectory(root);
    return target;
  }

  /** Removes one that was begun and not published. */
  public void abandon(String name) throws IOException {
    disk.delete(temporary(name));
  }
}
