package io.rafttsdb.replica;

import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.file.DiskFile;
import io.rafttsdb.storage.file.LocalDisk;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The disk of a simulated node. It works on real files, so that they can be mapped and linked, and
 * it can end in the midst of any work, and lose what was not forced: then its directory is laid out
 * anew in another place, by rules that promise no more than a file system does:
 *
 * <ul>
 *   <li>bytes of a file are there once the file was forced; of later ones some first part;
 *   <li>a name that comes, goes or moves does so for good once its directory was forced; each later
 *       change has happened or not, whatever became of the others.
 * </ul>
 *
 * Files that came past it, as those that are pulled do, are forced as far as they go, but their
 * names are not. For one thread.
 */
final class SimulatedDisk implements Disk {

  /** The process is dead. */
  static final class Stopped extends IOException {
    private static final long serialVersionUID = 1;
  }

  /** A file or a directory, whatever its names are. */
  private static final class Node {
    /** Of a file a second name beside the tree, by which it outlives all others. */
    final @Nullable Path content;

    final TreeMap<String, Node> names = new TreeMap<>();
    final TreeMap<String, Node> lasting = new TreeMap<>();
    long forcedBytes;

    private Node(@Nullable Path content) {
      this.content = content;
    }

    static Node directory() {
      return new Node(null);
    }

    boolean isDirectory() {
      return content == null;
    }

    Path content() {
      return Objects.requireNonNull(content);
    }
  }

  /** A directory and a name in it. */
  private record Name(Node directory, String name) {}

  /** A change of names that may be lost: one name of a node goes, and one comes. */
  private record Change(@Nullable Name gone, @Nullable Name come, Node node) {
    boolean concerns(Node directory) {
      return (gone != null && gone.directory == directory)
          || (come != null && come.directory == directory);
    }

    /** It lasts. */
    void last() {
      if (gone != null && gone.directory.lasting.get(gone.name) == node) {
        gone.directory.lasting.remove(gone.name);
      }
      if (come != null) {
        come.directory.lasting.put(come.name, node);
      }
    }

    /** Whether it gave the name that another one takes away. */
    boolean leadsTo(Change later) {
      return come != null
          && later.gone != null
          && later.node == node
          && come.directory == later.gone.directory
          && come.name.equals(later.gone.name);
    }
  }

  private final Disk disk = new LocalDisk();
  private final Path place;
  private Path root;
  private Path contents;
  private Node tree = Node.directory();
  private final List<Change> changes = new ArrayList<>();
  private int generation;
  private int contentCount;
  private int stepsLeft = Integer.MAX_VALUE;

  /**
   * An empty disk.
   *
   * @param place a directory for it alone
   */
  SimulatedDisk(Path place) throws IOException {
    this.place = Files.createDirectories(place);
    this.root = Files.createDirectory(place.resolve("root0"));
    this.contents = Files.createDirectory(place.resolve("contents0"));
  }

  /** Where the node's directory is now. */
  Path root() {
    return root;
  }

  /** Lets it take so many steps more; each one after that fails. */
  void stopAfter(int steps) {
    stepsLeft = steps;
  }

  boolean isStopped() {
    return stepsLeft <= 0;
  }

  private void step() throws Stopped {
    if (stepsLeft <= 0) {
      throw new Stopped();
    }
    if (stepsLeft != Integer.MAX_VALUE) {
      stepsLeft--;
    }
  }

  // ---- what is there

  private Node node(Path path) throws IOException {
    Node node = tree;
    Path real = root;
    for (Path each : root.relativize(path)) {
      String name = each.toString();
      if (!name.isEmpty()) {
        real = real.resolve(name);
        Node child = node.names.get(name);
        node = child == null ? found(node, name, real) : child;
      }
    }
    return node;
  }

  /** Takes up what came past this disk. */
  private Node found(Node directory, String name, Path real) throws IOException {
    Node node = Files.isDirectory(real) ? Node.directory() : file(real, Files.size(real));
    come(directory, name, node);
    return node;
  }

  private Node file(Path path, long forcedBytes) throws IOException {
    Path content = contents.resolve(String.valueOf(contentCount++));
    Files.createLink(content, path);
    Node node = new Node(content);
    node.forcedBytes = forcedBytes;
    return node;
  }

  private Node parent(Path path) throws IOException {
    return node(Objects.requireNonNull(path.getParent()));
  }

  private static String name(Path path) {
    return String.valueOf(path.getFileName());
  }

  private void come(Node directory, String name, Node node) {
    directory.names.put(name, node);
    changes.add(new Change(null, new Name(directory, name), node));
  }

  // ---- steps

  @Override
  public DiskFile create(Path path) throws IOException {
    step();
    Node parent = parent(path);
    DiskFile file = disk.create(path);
    Node node = file(path, 0);
    come(parent, name(path), node);
    return new DiskFile() {
      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        step();
        file.write(bytes, offset, length);
      }

      @Override
      public void overwrite(long position, byte[] bytes) throws IOException {
        step();
        node.forcedBytes = Math.min(node.forcedBytes, position);
        file.overwrite(position, bytes);
      }

      @Override
      public long length() {
        return file.length();
      }

      @Override
      public void force() throws IOException {
        step();
        node.forcedBytes = file.length();
      }

      @Override
      public void close() throws IOException {
        file.close();
      }
    };
  }

  @Override
  public void createDirectory(Path directory) throws IOException {
    step();
    Node parent = parent(directory);
    disk.createDirectory(directory);
    come(parent, name(directory), Node.directory());
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    step();
    Node moved = node(from);
    Node parent = parent(from);
    Node target = parent(to);
    disk.rename(from, to);
    parent.names.remove(name(from));
    target.names.put(name(to), moved);
    changes.add(new Change(new Name(parent, name(from)), new Name(target, name(to)), moved));
  }

  @Override
  public void link(Path existing, Path link) throws IOException {
    step();
    Node node = node(existing);
    Node parent = parent(link);
    disk.link(existing, link);
    come(parent, name(link), node);
  }

  @Override
  public void delete(Path path) throws IOException {
    step();
    if (!Files.exists(path)) {
      return;
    }
    gone(parent(path), name(path), node(path));
    disk.delete(path);
  }

  private void gone(Node directory, String name, Node node) {
    if (node.isDirectory()) {
      for (Map.Entry<String, Node> each : List.copyOf(node.names.entrySet())) {
        gone(node, each.getKey(), each.getValue());
      }
    }
    directory.names.remove(name);
    changes.add(new Change(new Name(directory, name), null, node));
  }

  @Override
  public void forceDirectory(Path directory) throws IOException {
    step();
    Node forced = node(directory);
    TreeSet<String> real = new TreeSet<>();
    try (Stream<Path> entries = Files.list(directory)) {
      entries.forEach(entry -> real.add(name(entry)));
    }
    for (String name : real) {
      if (!forced.names.containsKey(name)) {
        Node _ = found(forced, name, directory.resolve(name));
      }
    }
    for (Map.Entry<String, Node> each : List.copyOf(forced.names.entrySet())) {
      if (!real.contains(each.getKey())) {
        gone(forced, each.getKey(), each.getValue());
      }
    }
    for (Change change : List.copyOf(changes)) {
      if (change.concerns(forced)) {
        changes.remove(change);
        changes.removeIf(earlier -> earlier.leadsTo(change));
        change.last();
      }
    }
  }

  // ---- the power goes

  /** How much of what was not forced is lost. */
  enum Loss {
    ALL,
    SOME,
    NONE
  }

  /** Lays out what is left in a new place, and goes on there; nothing of it may be open. */
  void powerLoss(Loss loss, SplittableRandom random) throws IOException {
    Set<Node> lost = new HashSet<>();
    for (Change change : changes) {
      boolean isKept = loss == Loss.NONE || (loss == Loss.SOME && random.nextBoolean());
      if (isKept && !lost.contains(change.node)) {
        change.last();
      } else {
        lost.add(change.node);
      }
    }
    changes.clear();
    Path oldRoot = root;
    Path oldContents = contents;
    generation++;
    root = Files.createDirectory(place.resolve("root" + generation));
    contents = Files.createDirectory(place.resolve("contents" + generation));
    contentCount = 0;
    tree = layOut(tree, root, loss, random, new HashMap<>());
    disk.delete(oldRoot);
    disk.delete(oldContents);
  }

  private Node layOut(Node old, Path path, Loss loss, SplittableRandom random, Map<Node, Node> done)
      throws IOException {
    Node directory = Node.directory();
    for (Map.Entry<String, Node> each : old.lasting.entrySet()) {
      Path target = path.resolve(each.getKey());
      Node node = done.get(each.getValue());
      if (each.getValue().isDirectory()) {
        Files.createDirectory(target);
        node = layOut(each.getValue(), target, loss, random, done);
      } else if (node == null) {
        node = layOutFile(each.getValue(), target, loss, random);
        done.put(each.getValue(), node);
      } else {
        Files.createLink(target, node.content());
      }
      directory.names.put(each.getKey(), node);
    }
    directory.lasting.putAll(directory.names);
    return directory;
  }

  private Node layOutFile(Node old, Path target, Loss loss, SplittableRandom random)
      throws IOException {
    long length = Files.size(old.content());
    long kept =
        switch (loss) {
          case ALL -> Math.min(old.forcedBytes, length);
          case SOME -> random.nextLong(Math.min(old.forcedBytes, length), length + 1);
          case NONE -> length;
        };
    if (kept == length) {
      Files.createLink(target, old.content());
    } else {
      Files.copy(old.content(), target);
      try (FileChannel channel = FileChannel.open(target, StandardOpenOption.WRITE)) {
        channel.truncate(kept);
      }
    }
    return file(target, kept);
  }
}
