package io.rafttsdb.replica;

import io.rafttsdb.command.LogCommand;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.Digest;
import io.rafttsdb.storage.manifest.Manifest;
import io.rafttsdb.storage.manifest.ManifestPart;
import io.rafttsdb.storage.manifest.OrderedCompaction;
import io.rafttsdb.storage.model.Matcher;
import io.rafttsdb.storage.model.SealedRange;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Commands that mostly fit the state of an engine, and now and then one that does not. */
final class RandomPlans {

  private static final List<Matcher.Type> TYPES = List.of(Matcher.Type.values());

  private RandomPlans() {}

  static LogCommand next(RandomGenerator random, Tsdb tsdb) {
    Manifest manifest = tsdb.manifest();
    return switch (random.nextInt(12)) {
      case 0, 6, 7, 9, 10 -> new LogCommand.CutHead(cutMs(random, tsdb), ulid(random));
      case 1 -> new LogCommand.CutOutOfOrder(ranges(random, tsdb));
      case 2 -> new LogCommand.BlockBuilt(expected(random, manifest), facts(random));
      case 3 -> new LogCommand.Compact(ulid(random), someBuilt(random, manifest));
      case 4 -> new LogCommand.DropBlocks(someBuilt(random, manifest).stream().limit(1).toList());
      case 5 -> importBlock(random, tsdb);
      case 8 -> new LogCommand.Restore(cutMs(random, tsdb) + random.nextInt(2), random.nextInt());
      default -> delete(random, tsdb);
    };
  }

  /** Of any name, or of a block that is there. */
  private static LogCommand importBlock(RandomGenerator random, Tsdb tsdb) {
    List<ManifestPart> parts = tsdb.manifest().parts();
    if (!parts.isEmpty() && random.nextInt(3) == 0) {
      ManifestPart part = parts.get(random.nextInt(parts.size()));
      BlockFacts facts = part.facts();
      return new LogCommand.ImportBlock(
          part.ulid(), part.minMs(), part.endMs(), facts == null ? facts(random) : facts);
    }
    long endMs = cutMs(random, tsdb);
    return new LogCommand.ImportBlock(
        ulid(random), endMs - 1 - random.nextInt(3_000_000), endMs, facts(random));
  }

  static Ulid ulid(RandomGenerator random) {
    return new Ulid(random.nextLong(), random.nextLong());
  }

  static BlockFacts facts(RandomGenerator random) {
    byte[] checksum = new byte[Digest.BYTES];
    random.nextBytes(checksum);
    int samples = random.nextInt(5) == 0 ? 0 : random.nextInt(1, 1000);
    return new BlockFacts(Digest.of(checksum), random.nextLong(1L << 40), 3, 7, samples);
  }

  static LogCommand.Delete delete(RandomGenerator random, Tsdb tsdb) {
    long aroundMs = tsdb.stats().maxMs() == Long.MIN_VALUE ? 0 : tsdb.stats().maxMs();
    long minMs = aroundMs - random.nextInt(3_000_000);
    Matcher.Type type = TYPES.get(random.nextInt(TYPES.size()));
    return new LogCommand.Delete(
        List.of(new Matcher(type, "i", random.nextInt(40) + "")),
        minMs,
        minMs + random.nextInt(600_000));
  }

  private static long cutMs(RandomGenerator random, Tsdb tsdb) {
    Settings settings = tsdb.settings();
    long rangeMs = settings == null ? Settings.BLOCK_RANGE_DEFAULT_MS : settings.blockRangeMs();
    long newestMs = Math.max(0, tsdb.stats().maxMs());
    return Math.floorDiv(newestMs, rangeMs) * rangeMs + random.nextInt(-1, 2) * rangeMs;
  }

  private static List<SealedRange> ranges(RandomGenerator random, Tsdb tsdb) {
    Settings settings = tsdb.settings();
    List<SealedRange> ranges = new ArrayList<>();
    for (long fromMs : tsdb.outOfOrderRanges()) {
      if (settings != null && random.nextBoolean()) {
        long upToMs = fromMs + settings.blockRangeMs();
        ranges.add(new SealedRange(ulid(random), SealedRange.Kind.OUT_OF_ORDER, fromMs, upToMs));
      }
    }
    return ranges;
  }

  /** What waits for its block, or anything. */
  private static Ulid expected(RandomGenerator random, Manifest manifest) {
    List<Ulid> waiting = new ArrayList<>();
    manifest.parts().stream()
        .filter(part -> !part.isBuilt())
        .map(ManifestPart::ulid)
        .forEach(waiting::add);
    manifest.compactions().stream().map(OrderedCompaction::result).forEach(waiting::add);
    return waiting.isEmpty() ? ulid(random) : waiting.get(random.nextInt(waiting.size()));
  }

  private static List<Ulid> someBuilt(RandomGenerator random, Manifest manifest) {
    return manifest.parts().stream()
        .filter(part -> part.isBuilt() || random.nextInt(8) == 0)
        .map(ManifestPart::ulid)
        .filter(ulid -> random.nextBoolean())
        .toList();
  }
}
