package io.rafttsdb.replica;

import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.Digest;
import io.rafttsdb.storage.model.BlockFile;
import io.rafttsdb.storage.model.Ulid;
import io.rafttsdb.storage.part.BlockFiles;
import io.rafttsdb.storage.part.PartStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gets blocks from other nodes: whichever has one, first asked first. What was pulled of a block
 * stays for the next try, also over a restart and from another node, since all nodes have the same
 * bytes. A block counts only when all its bytes were checked against the checksum that a majority
 * agreed on.
 *
 * <pre>
 *   incoming/&lt;ULID&gt;-&lt;checksum&gt;.partial/   being pulled
 *   incoming/&lt;ULID&gt;-&lt;checksum&gt;/           complete, checked and forced
 * </pre>
 *
 * <p>Safe for any thread; a block is pulled by one at a time.
 */
final class BlockPuller {
  private static final Logger LOG = LoggerFactory.getLogger(BlockPuller.class);

  private static final String PARTIAL = ".partial";
  private static final String META = "meta.json";
  private static final long META_BYTES_MAX = 16 << 20;

  private final Path incoming;
  private final PartStore store;
  private final BlockSource source;
  private final FilePull files;
  private final PullRate verifyRate;
  private final Disk disk;
  private final ConcurrentHashMap<Ulid, Thread> pulling = new ConcurrentHashMap<>();

  private final LongAdder pulled = new LongAdder();
  private final LongAdder wrongBytes = new LongAdder();

  /**
   * A puller.
   *
   * @param incoming on the file system of the store; created where it lacks
   * @param verifyRate of reading what was pulled
   */
  BlockPuller(
      Path incoming,
      PartStore store,
      BlockSource source,
      FilePull files,
      PullRate verifyRate,
      Disk disk) {
    this.incoming = incoming;
    this.store = store;
    this.source = source;
    this.files = files;
    this.verifyRate = verifyRate;
    this.disk = disk;
  }

  /**
   * Gets a block into the store, where its queries find it. One of other bytes that is there is set
   * aside first.
   *
   * @param peers in the order in which they are asked
   * @throws IOException where none of them gave it; what came stays for the next try
   */
  void pull(Ulid ulid, BlockFacts facts, List<Member> peers)
      throws IOException, InterruptedException {
    Path complete = fetch(ulid, facts.checksum(), facts.sizeBytes(), peers);
    adopt(ulid, complete);
  }

  /** Moves a fetched block into the store; one of other bytes that is there is set aside first. */
  void adopt(Ulid ulid, Path complete) throws IOException {
    if (store.has(ulid)) {
      store.quarantine(ulid, "replaced");
    }
    store.adopt(ulid, complete);
  }

  /**
   * Gets a block and leaves it beside the store.
   *
   * @param checksum that its bytes must have
   * @param sizeBytes of its index and segments
   * @return its directory: checked, forced, complete
   */
  Path fetch(Ulid ulid, Digest checksum, long sizeBytes, List<Member> peers)
      throws IOException, InterruptedException {
    if (pulling.putIfAbsent(ulid, Thread.currentThread()) != null) {
      throw new IOException("block " + ulid + " is being pulled already");
    }
    try {
      return fetchAlone(ulid, checksum, sizeBytes, peers);
    } finally {
      pulling.remove(ulid);
    }
  }

  /** Where a fetched block is. */
  Path complete(Ulid ulid, Digest checksum) {
    return incoming.resolve(ulid + "-" + checksum);
  }

  private Path fetchAlone(Ulid ulid, Digest checksum, long sizeBytes, List<Member> peers)
      throws IOException, InterruptedException {
    Path complete = complete(ulid, checksum);
    if (Files.exists(complete)) {
      return complete;
    }
    if (!Files.exists(incoming)) {
      disk.createDirectory(incoming);
    }
    Path partial = incoming.resolve(complete.getFileName() + PARTIAL);
    IOException failure = new IOException("block " + ulid + ": no other node to ask");
    for (Member peer : peers) {
      try {
        fetchFrom(peer, ulid, sizeBytes, partial);
        check(peer, checksum, partial);
        disk.rename(partial, complete);
        disk.forceDirectory(incoming);
        pulled.increment();
        LOG.info("pulled block {} from {}", ulid, peer.name());
        return complete;
      } catch (IOException e) {
        LOG.warn("block {} not from {}: {}", ulid, peer.name(), e.toString());
        e.addSuppressed(failure);
        failure = e;
      }
    }
    throw failure;
  }

  private void fetchFrom(Member peer, Ulid ulid, long sizeBytes, Path partial)
      throws IOException, InterruptedException {
    List<BlockFile> listed = source.blockFiles(peer, ulid);
    requireSound(peer, listed, sizeBytes);
    for (BlockFile file : listed) {
      files.pull(
          partial.resolve(file.name()),
          file.sizeBytes(),
          offset -> source.openBlockFile(peer, ulid, file.name(), offset));
    }
    deleteOthers(partial, listed);
    BlockFiles.complete(disk, partial);
    disk.forceDirectory(partial.resolve("chunks"));
    disk.forceDirectory(partial);
  }

  /** Before anything is believed that another node says. */
  private static void requireSound(Member peer, List<BlockFile> listed, long sizeBytes)
      throws IOException {
    boolean eachOnce = listed.stream().map(BlockFile::name).distinct().count() == listed.size();
    boolean metaIsSmall =
        listed.stream()
            .anyMatch(file -> file.name().equals(META) && file.sizeBytes() <= META_BYTES_MAX);
    boolean hasSegments = listed.stream().anyMatch(file -> file.name().startsWith("chunks/"));
    long bytes = BlockFiles.countedBytes(listed);
    if (!eachOnce || !metaIsSmall || !hasSegments || bytes != sizeBytes) {
      throw new IOException(
          peer.name() + " lists " + listed + ", expected a block of " + sizeBytes + " bytes");
    }
  }

  /** An earlier node may have listed more. */
  private void deleteOthers(Path partial, List<BlockFile> listed) throws IOException {
    TreeSet<Path> wanted = new TreeSet<>();
    listed.forEach(file -> wanted.add(partial.resolve(file.name())));
    List<Path> there;
    try (Stream<Path> tree = Files.walk(partial)) {
      there = tree.filter(Files::isRegularFile).toList();
    }
    for (Path file : there) {
      if (!wanted.contains(file)) {
        disk.delete(file);
      }
    }
  }

  /** What is wrong is deleted: nobody can tell which byte it is, or who gave it. */
  private void check(Member peer, Digest checksum, Path partial)
      throws IOException, InterruptedException {
    IOException wrong;
    try {
      BlockFacts found = BlockFiles.verify(partial, this::paceVerifying);
      if (found.checksum().equals(checksum)) {
        return;
      }
      wrong =
          new IOException(
              "what came, at last from "
                  + peer.name()
                  + ", has checksum "
                  + found.checksum()
                  + ", expected "
                  + checksum);
    } catch (IOException e) {
      wrong = e;
    }
    if (Thread.interrupted()) {
      throw new InterruptedException("while a pulled block was checked");
    }
    wrongBytes.increment();
    disk.delete(partial);
    throw wrong;
  }

  private void paceVerifying(long bytes) {
    try {
      verifyRate.await((int) Math.min(bytes, Integer.MAX_VALUE));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Blocks that came whole and right. */
  long pulled() {
    return pulled.sum();
  }

  /** Blocks that came whole, with bytes that are not those of the majority. */
  long wrongBytes() {
    return wrongBytes.sum();
  }
}
