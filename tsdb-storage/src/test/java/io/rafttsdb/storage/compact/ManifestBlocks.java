package io.rafttsdb.storage.compact;

import static io.rafttsdb.storage.model.Matcher.Type.EQUAL;

import io.rafttsdb.storage.block.Block;
import io.rafttsdb.storage.block.BlockMeta;
import io.rafttsdb.storage.block.BlockVerifier;
import io.rafttsdb.storage.block.ChunkSeries;
import io.rafttsdb.storage.block.ChunkSource;
import io.rafttsdb.storage.block.Intervals;
import io.rafttsdb.storage.block.Intervals.Interval;
import io.rafttsdb.storage.block.Lease;
import io.rafttsdb.storage.block.Tombstones;
import io.rafttsdb.storage.compact.Compactor.Source;
import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.file.ForgetfulDisk;
import io.rafttsdb.storage.merge.LabelMerge;
import io.rafttsdb.storage.merge.MemorySource;
import io.rafttsdb.storage.merge.RandomParts.Part;
import io.rafttsdb.storage.merge.Sample;
import io.rafttsdb.storage.merge.SeriesMerge;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Matcher;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Blocks on disk in the order of a manifest. The same calls give the same ULIDs everywhere. */
final class ManifestBlocks {

  private static final Disk DISK = new ForgetfulDisk();

  private final Path path;
  private final Compactor compactor;
  private final List<BlockMeta> manifest = new ArrayList<>();
  private long ulids;

  ManifestBlocks(Path path) {
    this.path = path;
    this.compactor = new Compactor(DISK, path, Pace.UNBOUNDED);
  }

  /** What is done with open blocks. */
  interface Reading<T> {
    T read(List<Source> sources) throws Exception;
  }

  List<BlockMeta> manifest() {
    return List.copyOf(manifest);
  }

  /** The manifest as the planners see it. */
  List<BlockEntry> entries() {
    return manifest.stream()
        .map(meta ->
            new BlockEntry(
                meta.ulid(),
                meta.minMs(),
                meta.endMs(),
                meta.compaction().level(),
                meta.stats().series(),
                meta.stats().tombstones(),
                0,
                false))
        .toList();
  }

  Ulid nextUlid() {
    ulids++;
    return new Ulid(0x0190_0000_0000_0000L, ulids);
  }

  /** Builds a block of a part and adds it at the manifest's end, unless nothing is in it. */
  void add(Part part, long minMs, long endMs) throws Exception {
    Ulid ulid = nextUlid();
    MemorySource source = new MemorySource(part.withoutDeletions());
    if (compactor.build(ulid, source, minMs, endMs, List.of()).isPresent()) {
      manifest.add(delete(part, ulid));
    }
  }

  /** Deletes what of the part is deleted; returns the meta that says so. */
  private BlockMeta delete(Part part, Ulid ulid) throws IOException {
    Block block = Block.open(path.resolve(ulid.toString()));
    try (Lease lease = block.acquire()) {
      SortedMap<Long, Intervals> tombstones = new TreeMap<>();
      for (Map.Entry<Labels, Intervals> deletion : part.deletions().entrySet()) {
        List<Matcher> matchers = new ArrayList<>();
        deletion.getKey().forEach((name, value) -> matchers.add(new Matcher(EQUAL, name, value)));
        for (Interval range : deletion.getValue().ranges()) {
          Tombstones more = lease.block().tombstonesOf(matchers, range.minMs(), range.maxMs());
          tombstones = new Tombstones(tombstones).with(more).bySeries();
        }
      }
      block.replaceTombstones(DISK, new Tombstones(tombstones));
      return block.meta();
    } finally {
      block.close();
    }
  }

  /** Merges blocks; the result takes the place of the first. */
  void compact(List<Ulid> sources) throws Exception {
    List<BlockMeta> metas =
        manifest.stream().filter(meta -> sources.contains(meta.ulid())).toList();
    Ulid result = nextUlid();
    int place = manifest.indexOf(metas.getFirst());
    Optional<BlockMeta> merged = reading(metas, opened -> compactor.compact(result, opened));
    manifest.removeAll(metas);
    if (merged.isPresent()) {
      BlockVerifier.verify(path.resolve(result.toString()), bytes -> {});
      manifest.add(place, merged.get());
    }
    for (BlockMeta meta : metas) {
      DISK.delete(path.resolve(meta.ulid().toString()));
    }
  }

  /** What a query of all blocks sees. */
  SortedMap<Labels, SortedMap<Long, Sample>> samples(long minMs, long maxMs) throws Exception {
    return reading(
        manifest, sources -> seen(sources.stream().map(Source::chunks).toList(), minMs, maxMs));
  }

  /** What a query of parts sees, in the order of the manifest. */
  static SortedMap<Labels, SortedMap<Long, Sample>> seen(
      List<? extends ChunkSource> parts, long minMs, long maxMs) throws IOException {
    List<Iterator<ChunkSeries>> series = new ArrayList<>();
    for (ChunkSource part : parts) {
      series.add(part.series());
    }
    SortedMap<Labels, SortedMap<Long, Sample>> seen = new TreeMap<>();
    new LabelMerge<>(series, ChunkSeries::labels)
        .forEachRemaining(ofParts -> {
          SortedMap<Long, Sample> samples = new TreeMap<>();
          Sample.rest(SeriesMerge.cursor(ofParts, minMs, maxMs))
              .forEach(sample -> samples.put(sample.timestampMs(), sample));
          if (!samples.isEmpty()) {
            seen.put(ofParts.getFirst().labels(), samples);
          }
        });
    return seen;
  }

  /** Opens blocks for as long as they are read. */
  <T> T reading(List<BlockMeta> metas, Reading<T> reading) throws Exception {
    List<Block> blocks = new ArrayList<>();
    List<Lease> leases = new ArrayList<>();
    try {
      List<Source> sources = new ArrayList<>();
      for (BlockMeta meta : metas) {
        Block block = Block.open(path.resolve(meta.ulid().toString()));
        blocks.add(block);
        leases.add(block.acquire());
        sources.add(new Source(block.meta(), block));
      }
      return reading.read(sources);
    } finally {
      leases.forEach(Lease::close);
      blocks.forEach(Block::close);
    }
  }

  /** All files below a directory, by their paths in it, in hexadecimal. */
  static SortedMap<String, String> filesOf(Path directory) throws IOException {
    SortedMap<String, String> files = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path file : paths.filter(Files::isRegularFile).toList()) {
        files.put(
            directory.relativize(file).toString(),
            HexFormat.of().formatHex(Files.readAllBytes(file)));
      }
    }
    return files;
  }
}
