package io.rafttsdb.storage.part;

import io.rafttsdb.storage.block.Block;
import io.rafttsdb.storage.block.BlockDirectory;
import io.rafttsdb.storage.block.Lease;
import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.file.UsedAfterClose;
import io.rafttsdb.storage.model.Ulid;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The blocks that this node has, open, by name. Which of them count is the manifest's matter: there
 * may be more here, such as a block that is built and not yet certified, and less, such as one that
 * is damaged.
 *
 * <p>For any number of threads.
 */
public final class PartStore implements Blocks, Closeable {

  private final BlockDirectory directory;
  private final Executor unmapper;
  private volatile Map<Ulid, Block> blocks = Map.of();
  private volatile ReadListener reads = (block, problem) -> {};
  private final List<Ulid> removedWhileHeld = new ArrayList<>(); // guarded by this
  private int holds; // guarded by this

  private PartStore(BlockDirectory directory, Executor unmapper) {
    this.directory = directory;
    this.unmapper = unmapper;
  }

  /**
   * Opens all blocks of a directory. What can't be opened is set aside there.
   *
   * @param unmapper see {@link Block#open}
   * @param opened told what opening found
   */
  public static PartStore open(BlockDirectory directory, Executor unmapper, OpenListener opened)
      throws IOException {
    PartStore store = new PartStore(directory, unmapper);
    BlockDirectory.Opened found = directory.open(unmapper);
    Map<Ulid, Block> blocks = new TreeMap<>();
    found.blocks().forEach(block -> blocks.put(block.meta().ulid(), block));
    store.blocks = Map.copyOf(blocks);
    // A result on disk does not replace its sources: the manifest may not have it yet.
    for (Ulid ulid : found.replaced()) {
      store.add(ulid);
    }
    found.refused().forEach(opened::refused);
    return store;
  }

  /** Hears what could not be opened. */
  @FunctionalInterface
  public interface OpenListener {
    void refused(BlockDirectory.Refused block);
  }

  /** Where the blocks are. */
  public BlockDirectory directory() {
    return directory;
  }

  /** Names of all blocks that are open. */
  public List<Ulid> names() {
    return blocks.keySet().stream().sorted().toList();
  }

  public boolean has(Ulid ulid) {
    return blocks.containsKey(ulid);
  }

  @Override
  public Optional<Lease> acquire(Ulid ulid) {
    Block block = blocks.get(ulid);
    try {
      return block == null ? Optional.empty() : Optional.of(block.acquire());
    } catch (UsedAfterClose e) {
      return Optional.empty(); // removed since
    }
  }

  /** Hears that a query could not read a block. */
  @FunctionalInterface
  public interface ReadListener {
    /**
     * On the thread of the query.
     *
     * @param block that was open here; another one may have taken its place since
     */
    void unreadable(Block block, IOException problem);
  }

  /** Says who hears of blocks that can't be read. */
  public void listenTo(ReadListener listener) {
    reads = listener;
  }

  @Override
  public void unreadable(Block block, IOException problem) {
    reads.unreadable(block, problem);
  }

  /** Opens a block that has come into the directory. */
  public void add(Ulid ulid) throws IOException {
    Block block = Block.open(directory.of(ulid), unmapper);
    if (change(ulid, block) != null) {
      throw new IllegalStateException("block " + ulid + " is open already");
    }
  }

  /**
   * Moves a complete and forced directory into the directory of blocks, for good, and opens it.
   *
   * @param complete on the same file system, as {@link BlockFiles#complete} left it
   */
  public void adopt(Ulid ulid, Path complete) throws IOException {
    directory.adopt(ulid, complete);
    addOrSetAside(ulid);
  }

  /**
   * Makes the files of a block in another directory, of a snapshot, a block of this directory too,
   * by second names, for good, and opens it.
   */
  public void link(Ulid ulid, Path block) throws IOException {
    Disk disk = directory.disk();
    Path temporary = directory.creation(ulid);
    disk.delete(temporary);
    BlockFiles.link(disk, block, temporary);
    BlockFiles.complete(disk, temporary);
    adopt(ulid, temporary);
  }

  private void addOrSetAside(Ulid ulid) throws IOException {
    try {
      add(ulid);
    } catch (IOException e) {
      directory.quarantine(ulid, "corrupt");
      throw e;
    }
  }

  /**
   * Closes a block and deletes it. Who reads it goes on; nothing happens where there is none. Under
   * a {@link Hold} its files go when that ends.
   */
  public void remove(Ulid ulid) throws IOException {
    Block block = change(ulid, null);
    if (block != null) {
      block.close();
    }
    synchronized (this) {
      if (holds > 0) {
        removedWhileHeld.add(ulid);
        return;
      }
    }
    directory.delete(ulid);
  }

  /** Keeps the files of the blocks that are open now where they are, until it is closed. */
  public synchronized Hold hold() {
    holds++;
    return new Hold(blocks);
  }

  /** The blocks at one moment, whose files stay. For one thread. */
  public final class Hold implements Blocks, Closeable {
    private final Map<Ulid, Block> held;
    private boolean open = true;

    private Hold(Map<Ulid, Block> held) {
      this.held = held;
    }

    /** Of a block that is closed by now too; or of one that has come since. */
    @Override
    public Optional<Lease> acquire(Ulid ulid) {
      Block block = held.get(ulid);
      if (block == null) {
        return PartStore.this.acquire(ulid);
      }
      try {
        return Optional.of(block.acquire());
      } catch (UsedAfterClose e) {
        return reopened(block.directory());
      }
    }

    private Optional<Lease> reopened(Path files) {
      try (Block again = Block.open(files, unmapper)) {
        return Optional.of(again.acquire()); // who leaves it last unmaps it
      } catch (IOException e) {
        return Optional.empty(); // set aside since
      }
    }

    /** Where a block's files are; empty where there was none. */
    public Optional<Path> directoryOf(Ulid ulid) {
      return Optional.ofNullable(held.get(ulid)).map(Block::directory);
    }

    /** Bytes of a block's index and segments; empty where there was none. */
    public OptionalLong sizeBytes(Ulid ulid) {
      Block block = held.get(ulid);
      return block == null ? OptionalLong.empty() : OptionalLong.of(block.sizeBytes());
    }

    /** The last hold to be closed deletes what was removed meanwhile. */
    @Override
    public void close() throws IOException {
      if (open) {
        open = false;
        release();
      }
    }
  }

  private void release() throws IOException {
    List<Ulid> removed = List.of();
    synchronized (this) {
      holds--;
      if (holds == 0) {
        removed = List.copyOf(removedWhileHeld);
        removedWhileHeld.clear();
      }
    }
    for (Ulid ulid : removed) {
      if (!has(ulid)) {
        directory.delete(ulid);
      }
    }
  }

  /**
   * Closes a block and moves it aside for a person to look at.
   *
   * @param reason a word of small letters
   */
  public void quarantine(Ulid ulid, String reason) throws IOException {
    Block block = change(ulid, null);
    if (block != null) {
      block.close();
      directory.quarantine(ulid, reason);
    }
  }

  /**
   * The same for this very block; nothing happens where it is not the one that is open here.
   *
   * @return whether it was
   */
  public boolean quarantine(Block block, String reason) throws IOException {
    Ulid ulid = block.meta().ulid();
    if (!forget(ulid, block)) {
      return false;
    }
    block.close();
    directory.quarantine(ulid, reason);
    return true;
  }

  private synchronized boolean forget(Ulid ulid, Block block) {
    return blocks.get(ulid) == block && change(ulid, null) == block;
  }

  /** What was there before. */
  private synchronized @Nullable Block change(Ulid ulid, @Nullable Block block) {
    Map<Ulid, Block> changed = new TreeMap<>(blocks);
    Block before = block == null ? changed.remove(ulid) : changed.putIfAbsent(ulid, block);
    blocks = Map.copyOf(changed);
    return before;
  }

  /** Closes all blocks; the files stay. */
  @Override
  public void close() {
    List<Block> open;
    synchronized (this) {
      open = new ArrayList<>(blocks.values());
      blocks = Map.of();
    }
    open.forEach(Block::close);
  }
}
