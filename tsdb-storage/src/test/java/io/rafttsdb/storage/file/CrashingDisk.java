package io.rafttsdb.storage.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A disk that remembers every step, and can lay out what may be left of it after a crash at any
 * step. It works on a real directory, so that what was written can be read; what survives is worked
 * out anew each time, by rules that promise no more than a file system does:
 *
 * <ul>
 *   <li>bytes of a file are there once the file was forced; bytes written later may be there,
 *       partly, in any order, or not;
 *   <li>a change of a directory (a name that comes, goes or moves) is there once the directory was
 *       forced; each later one may have happened or not, whatever became of the others;
 *   <li>a rename happens whole or not at all; it lasts when either directory was forced.
 * </ul>
 *
 * For one thread.
 */
public final class CrashingDisk implements Disk {

  /** What happens to changes that were not forced. */
  public enum Variant {
    LOST,
    KEPT,
    /** Each kept, lost or torn by chance. */
    MIXED
  }

  /** A file or a directory, whatever its names are. */
  private static final class Node {
    private final boolean isDirectory;
    private final Map<String, Node> names = new TreeMap<>();

    Node(boolean isDirectory) {
      this.isDirectory = isDirectory;
    }
  }

  private sealed interface Step {}

  @SuppressWarnings("ArrayRecordComponent") // nobody compares steps
  private record Write(Node file, long position, byte[] bytes) implements Step {}

  private record Force(Node file) implements Step {}

  private record Add(Node directory, String name, Node node) implements Step {}

  private record Remove(Node directory, String name) implements Step {}

  private record Move(Node from, String name, Node to, String toName) implements Step {}

  private record ForceDirectory(Node directory) implements Step {}

  private final Path root;
  private final Disk disk = new LocalDisk();
  private final Node live = new Node(true);
  private final Map<Node, byte[]> initialContent = new HashMap<>();
  private final Map<Node, Map<String, Node>> initialNames = new HashMap<>();
  private final List<Step> steps = new ArrayList<>();

  /**
   * @param root what is in it already is on the disk for good
   */
  public CrashingDisk(Path root) throws IOException {
    this.root = root;
    load(root, live);
  }

  private void load(Path path, Node node) throws IOException {
    if (node.isDirectory) {
      try (Stream<Path> files = Files.list(path)) {
        for (Path file : files.toList()) {
          Node child = new Node(Files.isDirectory(file));
          node.names.put(name(file), child);
          load(file, child);
        }
      }
      initialNames.put(node, new TreeMap<>(node.names));
    } else {
      initialContent.put(node, Files.readAllBytes(path));
    }
  }

  private Node node(Path path) {
    Node node = live;
    for (Path name : root.relativize(path)) {
      if (!name.toString().isEmpty()) {
        node = Objects.requireNonNull(node.names.get(name.toString()), path.toString());
      }
    }
    return node;
  }

  private Node parent(Path path) {
    return node(Objects.requireNonNull(path.getParent()));
  }

  private static String name(Path path) {
    return String.valueOf(path.getFileName());
  }

  /** How many steps were taken. */
  public int stepCount() {
    return steps.size();
  }

  @Override
  public DiskFile create(Path path) throws IOException {
    DiskFile file = disk.create(path);
    Node node = new Node(false);
    add(path, node);
    return new DiskFile() {
      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        steps.add(
            new Write(node, file.length(), Arrays.copyOfRange(bytes, offset, offset + length)));
        file.write(bytes, offset, length);
      }

      @Override
      public void overwrite(long position, byte[] bytes) throws IOException {
        steps.add(new Write(node, position, bytes.clone()));
        file.overwrite(position, bytes);
      }

      @Override
      public long length() {
        return file.length();
      }

      @Override
      public void force() {
        steps.add(new Force(node));
      }

      @Override
      public void close() throws IOException {
        file.close();
      }
    };
  }

  private void add(Path path, Node node) {
    parent(path).names.put(name(path), node);
    steps.add(new Add(parent(path), name(path), node));
  }

  @Override
  public void createDirectory(Path path) throws IOException {
    disk.createDirectory(path);
    add(path, new Node(true));
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    disk.rename(from, to);
    steps.add(new Move(parent(from), name(from), parent(to), name(to)));
    Node moved = parent(from).names.remove(name(from));
    parent(to).names.put(name(to), moved);
  }

  @Override
  public void link(Path existing, Path link) throws IOException {
    disk.link(existing, link);
    add(link, node(existing));
  }

  @Override
  public void delete(Path path) throws IOException {
    Node node = parent(path).names.get(name(path));
    if (node == null) {
      return;
    }
    for (String inside : List.copyOf(node.names.keySet())) {
      delete(path.resolve(inside));
    }
    disk.delete(path);
    parent(path).names.remove(name(path));
    steps.add(new Remove(parent(path), name(path)));
  }

  @Override
  public void forceDirectory(Path path) {
    steps.add(new ForceDirectory(node(path)));
  }

  /**
   * Lays out what is left after a crash.
   *
   * @param taken steps that were taken before it
   * @param target an empty directory
   */
  public void materialize(int taken, Variant variant, long seed, Path target) throws IOException {
    new Crash(variant, new SplittableRandom(seed)).run(steps.subList(0, taken), target);
  }

  /** One crash being worked out. */
  private final class Crash {
    private final Variant variant;
    private final SplittableRandom random;
    private final Map<Node, byte[]> content = new HashMap<>(initialContent);
    private final Map<Node, Map<String, Node>> names = new HashMap<>();
    private final List<Write> writes = new ArrayList<>();
    private final List<Step> changes = new ArrayList<>();

    Crash(Variant variant, SplittableRandom random) {
      this.variant = variant;
      this.random = random;
      initialNames.forEach((node, children) -> names.put(node, new TreeMap<>(children)));
    }

    void run(List<Step> taken, Path target) throws IOException {
      for (Step step : taken) {
        switch (step) {
          case Write write -> writes.add(write);
          case Force(Node file) -> {
            writes.stream().filter(write -> write.file == file).forEach(this::apply);
            writes.removeIf(write -> write.file == file);
          }
          case ForceDirectory(Node directory) -> {
            changes.stream().filter(change -> concerns(change, directory)).forEach(this::apply);
            changes.removeIf(change -> concerns(change, directory));
          }
          case Add add -> changes.add(add);
          case Remove remove -> changes.add(remove);
          case Move move -> changes.add(move);
        }
      }
      changes.stream().filter(change -> survives()).forEach(this::apply);
      writes.stream().filter(write -> survives()).map(this::perhapsTorn).forEach(this::apply);
      layOut(live, target);
    }

    private boolean survives() {
      return switch (variant) {
        case LOST -> false;
        case KEPT -> true;
        case MIXED -> random.nextBoolean();
      };
    }

    private Write perhapsTorn(Write write) {
      if (variant != Variant.MIXED || random.nextBoolean()) {
        return write;
      }
      int start = random.nextInt(write.bytes.length + 1);
      int end = random.nextInt(start, write.bytes.length + 1);
      return new Write(
          write.file, write.position + start, Arrays.copyOfRange(write.bytes, start, end));
    }

    private static boolean concerns(Step change, Node directory) {
      return switch (change) {
        case Add(Node in, String name, Node node) -> in == directory;
        case Remove(Node in, String name) -> in == directory;
        case Move(Node from, String name, Node to, String toName) ->
            from == directory || to == directory;
        case Write write -> false;
        case Force force -> false;
        case ForceDirectory force -> false;
      };
    }

    private Map<String, Node> names(Node directory) {
      return names.computeIfAbsent(directory, none -> new TreeMap<>());
    }

    private void apply(Step step) {
      switch (step) {
        case Write(Node file, long position, byte[] bytes) -> {
          byte[] before = content.getOrDefault(file, new byte[0]);
          int end = (int) position + bytes.length;
          byte[] after = Arrays.copyOf(before, Math.max(before.length, end));
          System.arraycopy(bytes, 0, after, (int) position, bytes.length);
          content.put(file, after);
        }
        case Add(Node directory, String name, Node node) -> names(directory).put(name, node);
        case Remove(Node directory, String name) -> names(directory).remove(name);
        case Move(Node from, String name, Node to, String toName) -> {
          Node moved = names(from).remove(name);
          if (moved != null) {
            names(to).put(toName, moved);
          }
        }
        case Force force -> throw new AssertionError(force);
        case ForceDirectory force -> throw new AssertionError(force);
      }
    }

    private void layOut(Node directory, Path target) throws IOException {
      for (Map.Entry<String, Node> entry : names(directory).entrySet()) {
        Path path = target.resolve(entry.getKey());
        if (entry.getValue().isDirectory) {
          Files.createDirectory(path);
          layOut(entry.getValue(), path);
        } else {
          Files.write(path, content.getOrDefault(entry.getValue(), new byte[0]));
        }
      }
    }
  }
}
