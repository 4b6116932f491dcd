package io.rafttsdb.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.head.SealedPart;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.Digest;
import io.rafttsdb.storage.model.Matcher;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.SealedRange;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TsdbImageTest {

  private static final BlockFacts FACTS = new BlockFacts(new Digest(1, 2, 3, 4), 1, 1, 1, 1);

  @TempDir private Path directory;

  static LongStream seeds() {
    // The last three found that images had more of a delete than the part had samples for.
    LongStream fixed = LongStream.concat(LongStream.range(0, 12), LongStream.of(58, 67, 189));
    return LongStream.concat(fixed, new SplittableRandom().longs(4).map(Math::abs));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void anEngineLoadedFromImagesInBetweenStaysTheSame(long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed ^ 0x5eed);
    RandomBatches batches = new RandomBatches(seed);
    boolean spills = seed % 2 != 0;
    SplittableRandom moments = new SplittableRandom(seed ^ 0xd15c);
    Path file = directory.resolve("image");
    Path chunks = directory.resolve("chunks_head");
    Tsdb steady = new Tsdb();
    Tsdb reloaded = spills ? Tsdb.empty(SmallChunksHead.in(chunks)) : new Tsdb();
    long index = 0;
    for (int entry = 0; entry < 400; entry++) {
      if (entry == 3) {
        Settings settings = new Settings(RandomBatches.BLOCK_RANGE_MS, 0);
        assertThat(steady.configure(settings)).isEqualTo(reloaded.configure(settings)).isTrue();
      }
      if (entry % 100 == 99) {
        Settings settings = new Settings(RandomBatches.BLOCK_RANGE_MS, random.nextInt(4) * 40_000L);
        assertThat(steady.configure(settings)).isEqualTo(reloaded.configure(settings)).isTrue();
      }
      SampleBatch batch = batches.next(steady.stats().seriesCount() + 1);
      assertThat(reloaded.append(batch)).isEqualTo(steady.append(batch));
      seal(steady, reloaded, entry, random);
      if (random.nextInt(15) == 0) {
        List<Matcher> matchers =
            List.of(new Matcher(Matcher.Type.REGEX, "__name__", "metric_[0-" + entry % 5 + "]"));
        long minMs = RandomBatches.START_MS + random.nextLong(400_000);
        steady.delete(matchers, minMs, minMs + 50_000);
        reloaded.delete(matchers, minMs, minMs + 50_000);
      }
      index += random.nextInt(1, 3);
      steady.publish(index);
      reloaded.publish(index);
      if (random.nextInt(20) == 0 || entry < 6) {
        byte[] hash = reloaded.freeze().writeTo(file);
        assertThat(hash).isEqualTo(steady.freeze().stateHash());
        if (spills && moments.nextInt(4) > 0) {
          reloaded = SmallChunksHead.reload(reloaded, directory.resolve("snapshot"), chunks);
        } else if (spills) {
          reloaded.close();
          Path bare = Files.createDirectories(directory.resolve("bare"));
          Files.copy(file, bare.resolve("head"), StandardCopyOption.REPLACE_EXISTING);
          reloaded = Tsdb.load(bare, SmallChunksHead.in(chunks));
        } else {
          reloaded = Tsdb.load(file);
        }
      }
      if (moments.nextInt(5) == 0) {
        int _ = reloaded.spill();
      }
      assertThat(reloaded.publishedIndex()).isEqualTo(index);
      assertThat(reloaded.stats()).isEqualTo(steady.stats());
      assertThat(reloaded.settings()).isEqualTo(steady.settings());
    }

    Path other = directory.resolve("other");
    assertThat(steady.freeze().writeTo(other)).isEqualTo(reloaded.freeze().writeTo(file));
    assertThat(Files.mismatch(file, other)).isEqualTo(-1);
    assertThat(steady.sealedUpToMs()).isGreaterThan(RandomBatches.START_MS);
  }

  /** Cuts both engines alike now and then; what is kept in memory, too, is the same. */
  private static void seal(Tsdb steady, Tsdb reloaded, int entry, SplittableRandom random) {
    if (random.nextInt(10) == 0) {
      long behindMs = steady.stats().maxMs() - RandomBatches.BLOCK_RANGE_MS / 2;
      long upToMs = behindMs - Math.floorMod(behindMs, RandomBatches.BLOCK_RANGE_MS);
      Ulid ulid = new Ulid(entry, entry);
      assertThat(reloaded.cut(upToMs, ulid)).isEqualTo(steady.cut(upToMs, ulid));
    }
    List<SealedRange> ranges = new ArrayList<>();
    for (long fromMs : steady.outOfOrderRanges()) {
      Ulid ulid = new Ulid(entry, fromMs);
      long upToMs = fromMs + RandomBatches.BLOCK_RANGE_MS;
      if (upToMs <= steady.sealedUpToMs() && random.nextInt(5) == 0) {
        ranges.add(new SealedRange(ulid, SealedRange.Kind.OUT_OF_ORDER, fromMs, upToMs));
      }
    }
    assertThat(reloaded.cutOutOfOrder(ranges)).isEqualTo(steady.cutOutOfOrder(ranges));
    for (SealedRange range : steady.waiting()) {
      if (random.nextInt(20) == 0) {
        assertThat(reloaded.built(range.ulid(), FACTS))
            .isEqualTo(steady.built(range.ulid(), FACTS));
      }
    }
    for (SealedPart part : steady.sealedParts()) {
      if (random.nextInt(40) == 0) {
        steady.forget(part.range().ulid());
        reloaded.forget(part.range().ulid());
      }
    }
  }
}
