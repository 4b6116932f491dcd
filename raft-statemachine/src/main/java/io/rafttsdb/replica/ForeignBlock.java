package io.rafttsdb.replica;

import io.rafttsdb.storage.block.Block;
import io.rafttsdb.storage.block.BlockMeta;
import io.rafttsdb.storage.block.ChunkSeries;
import io.rafttsdb.storage.block.ChunkSource;
import io.rafttsdb.storage.block.Lease;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A block of another storage, open to be read, and what of it belongs to which shard of this
 * cluster. For one thread.
 */
public final class ForeignBlock implements AutoCloseable {

  /** Bits that a part's symbols share: one more than is needed costs a few bytes of its block. */
  private static final int SYMBOL_BITS = 1 << 23;

  private static final long TIME_MASK = ~0xffffL;

  private final Block block;
  private final Lease lease;
  private final int shards;

  /** Of each shard that has series: which symbols these have, by hashes. */
  private final SortedMap<Integer, BitSet> symbols = new TreeMap<>();

  private ForeignBlock(Block block, Lease lease, int shards) {
    this.block = block;
    this.lease = lease;
    this.shards = shards;
  }

  /**
   * Opens a block, and reads which shards its series belong to.
   *
   * @param directory bears its name
   * @param shards of this cluster, at least one
   * @throws IOException where it can't be read
   */
  public static ForeignBlock open(Path directory, int shards) throws IOException {
    if (!Ulid.isUlid(String.valueOf(directory.getFileName()))) {
      throw new IOException(directory + " is no directory of a block: its name is no ULID");
    }
    Block block = Block.open(directory);
    try {
      ForeignBlock foreign = new ForeignBlock(block, block.acquire(), shards);
      foreign.divide();
      return foreign;
    } catch (IOException | RuntimeException | Error e) {
      block.close();
      throw e;
    }
  }

  private void divide() throws IOException {
    if (shards == 1) {
      symbols.put(0, new BitSet());
      return;
    }
    try {
      for (Iterator<ChunkSeries> all = block.series(); all.hasNext(); ) {
        ChunkSeries series = all.next();
        int shard = ShardRouting.shardOf(series.labels(), shards);
        BitSet named = symbols.computeIfAbsent(shard, none -> new BitSet());
        series
            .labels()
            .forEach((name, value) -> {
              named.set(bit(name));
              named.set(bit(value));
            });
      }
    } catch (UncheckedIOException e) {
      throw new IOException(e.getCause());
    }
  }

  private static int bit(String symbol) {
    int hash = symbol.hashCode() * 0x9e3779b9;
    return (hash >>> 9) & (SYMBOL_BITS - 1);
  }

  public Ulid ulid() {
    return meta().ulid();
  }

  BlockMeta meta() {
    return block.meta();
  }

  /** Shards that have series of it, in order. */
  public List<Integer> shards() {
    return List.copyOf(symbols.keySet());
  }

  /** Whether a shard's part is all of the block. */
  boolean isWhole() {
    return shards == 1;
  }

  /**
   * What a shard's part of the block is called: in a cluster of one shard as the block is, else by
   * docs/format/routing.md, since in a backup the blocks of all shards lie side by side.
   */
  public Ulid nameIn(int shard) {
    return isWhole() ? ulid() : partName(ulid(), shard);
  }

  static Ulid partName(Ulid block, int shard) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * Long.BYTES + 1);
    bytes.putLong(block.high()).putLong(block.low()).put((byte) shard);
    try {
      ByteBuffer hash = ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(bytes.array()));
      long low = hash.getLong();
      return new Ulid((block.high() & TIME_MASK) | (hash.getLong() & ~TIME_MASK), low);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }

  /** The series of a shard, while this is open. */
  ChunkSource part(int shard) {
    return isWhole() ? block : new Part(shard, symbols.getOrDefault(shard, new BitSet()));
  }

  /** One shard's series of the block. */
  private final class Part implements ChunkSource {
    private final int shard;
    private final BitSet named;

    Part(int shard, BitSet named) {
      this.shard = shard;
      this.named = named;
    }

    @Override
    public Iterator<String> symbols() throws IOException {
      return new Chosen<>(block.symbols()) {
        @Override
        boolean isChosen(String symbol) {
          return symbol.isEmpty() || named.get(bit(symbol));
        }
      };
    }

    @Override
    public Iterator<ChunkSeries> series() throws IOException {
      return new Chosen<>(block.series()) {
        @Override
        boolean isChosen(ChunkSeries series) {
          return ShardRouting.shardOf(series.labels(), shards) == shard;
        }
      };
    }
  }

  /** Some of many, each looked at when it is its turn. */
  private abstract static class Chosen<T> implements Iterator<T> {
    private final Iterator<T> all;
    private @Nullable T next;

    Chosen(Iterator<T> all) {
      this.all = all;
    }

    abstract boolean isChosen(T each);

    @Override
    public boolean hasNext() {
      while (next == null && all.hasNext()) {
        T each = all.next();
        next = isChosen(each) ? each : null;
      }
      return next != null;
    }

    @Override
    public T next() {
      T found = hasNext() ? next : null;
      if (found == null) {
        throw new NoSuchElementException();
      }
      next = null;
      return found;
    }
  }

  @Override
  public void close() {
    lease.close();
    block.close();
  }
}
