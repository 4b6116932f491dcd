package io.rafttsdb.node.cluster;

import io.rafttsdb.node.cluster.CheckedText.Malformed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A node's data directory, held by this process alone while it is open, with the file {@code
 * identity} in it.
 */
public final class DataDirectory implements IdentityStore, AutoCloseable {

  private static final String SHARD_PREFIX = "shard-";

  private static final String LOCK = "lock";
  private static final String IDENTITY = "identity";
  private static final String IDENTITY_TMP = "identity.tmp";

  /** What a directory may hold that is nobody's data. A fresh ext4 volume has lost+found. */
  private static final Set<String> NOT_DATA = Set.of(LOCK, IDENTITY_TMP, "lost+found");

  private final Path path;
  private final String name;
  private final FileChannel lockChannel;

  private DataDirectory(Path path, String name, FileChannel lockChannel) {
    this.path = path;
    this.name = name;
    this.lockChannel = lockChannel;
  }

  /**
   * Makes the directory if it is missing, and takes it for this process.
   *
   * @param name the node's name, for an empty directory
   * @throws StartRefused where another process has it
   */
  public static DataDirectory open(Path path, String name) throws IOException, StartRefused {
    Files.createDirectories(path);
    Path parent = path.toAbsolutePath().getParent();
    if (parent != null) {
      force(parent);
    }
    FileChannel channel =
        FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (lock(channel) == null) {
        throw new StartRefused(
            "data directory "
                + path.toAbsolutePath()
                + " is in use by another process; stop that one, or give this one another"
                + " directory (--storage.tsdb.path)");
      }
      Files.deleteIfExists(path.resolve(IDENTITY_TMP));
      return new DataDirectory(path, name, channel);
    } catch (IOException | StartRefused | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static @Nullable FileLock lock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // held by this same process
    }
  }

  public Path path() {
    return path;
  }

  /** What holds a shard, below a data directory. */
  public static Path shard(Path dataDirectory, int shard) {
    return dataDirectory.resolve(SHARD_PREFIX + shard);
  }

  /** How many shards a data directory holds. */
  static int shardsIn(Path dataDirectory) {
    int shards = 0;
    while (Files.isDirectory(shard(dataDirectory, shards))) {
      shards++;
    }
    return shards;
  }

  @Override
  public Identity load() throws IOException, StartRefused {
    Path file = path.resolve(IDENTITY);
    if (!Files.exists(file)) {
      Set<String> found = foreignFiles();
      if (!found.isEmpty()) {
        throw new StartRefused(
            "data directory "
                + path.toAbsolutePath()
                + " has no file "
                + IDENTITY
                + ", but is not empty: it holds "
                + found
                + "; put the file back, or give an empty directory (--storage.tsdb.path)");
      }
      return new Identity.Empty(name);
    }
    return read(file);
  }

  /** What a directory says that it is, without taking it; empty where it says nothing. */
  static Optional<Identity> identityOf(Path directory) throws IOException, StartRefused {
    Path file = directory.resolve(IDENTITY);
    return Files.exists(file) ? Optional.of(read(file)) : Optional.empty();
  }

  private static Identity read(Path file) throws IOException, StartRefused {
    try {
      if (Files.size(file) > CheckedText.BYTES_MAX) {
        throw new Malformed("has " + Files.size(file) + " bytes, at most " + CheckedText.BYTES_MAX);
      }
      return IdentityText.decode(Files.readAllBytes(file));
    } catch (Malformed e) {
      throw new StartRefused(
          "identity file "
              + file.toAbsolutePath()
              + " "
              + e.getMessage()
              + "; it is damaged or from another version: put back the right one",
          e);
    }
  }

  private Set<String> foreignFiles() throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      Set<String> names = new TreeSet<>();
      files.map(file -> file.getFileName().toString()).forEach(names::add);
      names.removeAll(NOT_DATA);
      return names;
    }
  }

  /** Written beside, forced, renamed, and the directory forced: after a crash old or new, whole. */
  @Override
  public void save(Identity identity) throws IOException {
    Path tmp = path.resolve(IDENTITY_TMP);
    try (FileChannel channel =
        FileChannel.open(
            tmp,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(IdentityText.encode(identity));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(tmp, path.resolve(IDENTITY), StandardCopyOption.ATOMIC_MOVE);
    force(path);
  }

  private static void force(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** Gives the directory free. The lock file stays: removing it would let two processes in. */
  @Override
  public void close() throws IOException {
    lockChannel.close();
  }
}
