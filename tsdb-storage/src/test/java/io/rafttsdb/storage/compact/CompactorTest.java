package io.rafttsdb.storage.compact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.storage.block.BlockMeta;
import io.rafttsdb.storage.block.BlockMeta.Compaction;
import io.rafttsdb.storage.block.BlockMeta.Parent;
import io.rafttsdb.storage.block.BlockMeta.Stats;
import io.rafttsdb.storage.block.ChunkPointer;
import io.rafttsdb.storage.block.ChunkSeries;
import io.rafttsdb.storage.block.ChunkSource;
import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.compact.Compactor.Source;
import io.rafttsdb.storage.file.LocalDisk;
import io.rafttsdb.storage.merge.MemorySource;
import io.rafttsdb.storage.merge.RandomParts;
import io.rafttsdb.storage.merge.RandomParts.Part;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompactorTest {

  private static final Ulid RESULT = new Ulid(1, 99);
  private static final long END_MS = 100_000;

  @TempDir private Path directory;

  private Compactor compactor() {
    return compactor(Pace.UNBOUNDED);
  }

  private Compactor compactor(Pace pace) {
    return new Compactor(new LocalDisk(), directory, pace);
  }

  private static Part part(long seed) {
    return new RandomParts(new SplittableRandom(seed)).part(5, 0, END_MS).withoutDeletions();
  }

  private static Source source(
      long ulid, Part part, int level, List<String> hints, long... sources) {
    List<Ulid> ancestors = LongStream.of(sources).mapToObj(low -> new Ulid(1, low)).toList();
    return new Source(
        new BlockMeta(
            new Ulid(1, ulid),
            ulid * 10,
            END_MS + ulid,
            new Stats(1, 1, 0, 1, 1, 0),
            new Compaction(level, ancestors, List.of(), false, false, hints)),
        new MemorySource(part));
  }

  @Test
  void theResultNamesWhatItIsMadeOf() throws Exception {
    String outOfOrder = Compaction.FROM_OUT_OF_ORDER;
    BlockMeta meta =
        compactor()
            .compact(
                RESULT,
                List.of(
                    source(7, part(1), 1, List.of(outOfOrder), 7),
                    source(3, part(2), 4, List.of("another", outOfOrder), 5, 2),
                    source(4, part(3), 2, List.of(outOfOrder), 2, 1)))
            .orElseThrow();
    assertThat(meta.ulid()).isEqualTo(RESULT);
    assertThat(meta.minMs()).isEqualTo(30);
    assertThat(meta.endMs()).isEqualTo(END_MS + 7);
    assertThat(meta.compaction())
        .isEqualTo(
            new Compaction(
                5,
                List.of(new Ulid(1, 1), new Ulid(1, 2), new Ulid(1, 5), new Ulid(1, 7)),
                List.of(
                    new Parent(new Ulid(1, 7), 70, END_MS + 7),
                    new Parent(new Ulid(1, 3), 30, END_MS + 3),
                    new Parent(new Ulid(1, 4), 40, END_MS + 4)),
                false,
                false,
                List.of(outOfOrder)));
  }

  @Test
  void samplesOutsideTheRangeAreNotWritten() throws Exception {
    Part part = part(1);
    BlockMeta meta =
        compactor().build(RESULT, new MemorySource(part), 20_000, 60_000, List.of()).orElseThrow();
    assertThat(meta.stats().samples())
        .isEqualTo(samplesOf(part, 20_000, 60_000))
        .isBetween(1L, samplesOf(part, 0, END_MS) - 1);
    assertThat(meta.compaction()).isEqualTo(Compaction.ofHead(RESULT));
    assertThat(meta.minMs()).isEqualTo(20_000);
    assertThat(meta.endMs()).isEqualTo(60_000);
  }

  private static long samplesOf(Part part, long minMs, long endMs) {
    return part.seen(minMs, endMs - 1).values().stream().mapToLong(Map::size).sum();
  }

  @Test
  void nothingIsWrittenWhereNoSampleIsLeft() throws Exception {
    assertThat(
            compactor()
                .build(RESULT, new MemorySource(part(1)), END_MS, END_MS + 10, List.of("hint")))
        .isEmpty();
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void everyPieceIsAskedFor() throws Exception {
    AtomicLong askedBytes = new AtomicLong();
    AtomicInteger pieceBytesMax = new AtomicInteger();
    Pace pace =
        sizeBytes -> {
          askedBytes.addAndGet(sizeBytes);
          pieceBytesMax.accumulateAndGet(sizeBytes, Math::max);
        };
    assertThat(compactor(pace).build(RESULT, new ManySeries(4_000, 0), 0, END_MS, List.of()))
        .isPresent();
    long sizeBytes =
        ManifestBlocks.filesOf(directory).values().stream()
            .mapToLong(hex -> hex.length() / 2)
            .sum();
    assertThat(sizeBytes).isGreaterThan(2 << 20);
    assertThat(askedBytes.get()).isGreaterThanOrEqualTo(sizeBytes);
    assertThat(pieceBytesMax.get()).isLessThanOrEqualTo(PacedDisk.PIECE_BYTES_MAX);
  }

  /** Ends the work before each of its writes in turn, once by the pace and once by an interrupt. */
  @Test
  void workThatIsEndedLeavesNothingBehind() throws Exception {
    MemorySource source = new MemorySource(part(1));
    for (int writes = 0; ; writes++) {
      AtomicInteger left = new AtomicInteger(writes);
      Pace ending =
          sizeBytes -> {
            if (left.getAndDecrement() == 0) {
              throw new InterruptedException("enough");
            }
          };
      try {
        compactor(ending).build(RESULT, source, 0, END_MS, List.of());
        assertThat(writes).as("writes").isGreaterThan(3);
        break;
      } catch (InterruptedException e) {
        assertThat(e).hasMessageContaining(RESULT.toString());
        assertThat(directory).isEmptyDirectory();
      }
      AtomicInteger toInterrupt = new AtomicInteger(writes);
      Pace interrupting =
          sizeBytes -> {
            if (toInterrupt.getAndDecrement() == 0) {
              Thread.currentThread().interrupt();
            }
          };
      assertThatThrownBy(() -> compactor(interrupting).build(RESULT, source, 0, END_MS, List.of()))
          .isInstanceOf(InterruptedException.class)
          .hasMessageContaining("interrupted");
      assertThat(Thread.currentThread().isInterrupted()).isFalse();
      assertThat(directory).isEmptyDirectory();
    }
    assertThat(directory).isDirectoryContaining("glob:**" + RESULT);
  }

  @Test
  void aBlockThatIsThereIsNotTouched() throws Exception {
    compactor().build(RESULT, new MemorySource(part(1)), 0, END_MS, List.of());
    var before = ManifestBlocks.filesOf(directory);
    assertThatThrownBy(
            () -> compactor().build(RESULT, new MemorySource(part(2)), 0, END_MS, List.of()))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(ManifestBlocks.filesOf(directory)).isEqualTo(before);
  }

  @Test
  void anUnreadableChunkEndsTheWork() {
    IOException unreadable = new IOException("no such sector");
    ChunkSource source = new Unreadable(new MemorySource(part(1)), unreadable);
    assertThatThrownBy(() -> compactor().build(RESULT, source, 0, END_MS, List.of()))
        .isSameAs(unreadable);
    assertThatThrownBy(() -> compactor().build(RESULT, source, 50, END_MS, List.of()))
        .isSameAs(unreadable);
    assertThat(directory).isEmptyDirectory();
  }

  /** Whose last series has chunks that can't be read. */
  private record Unreadable(MemorySource part, IOException failure) implements ChunkSource {
    @Override
    public Iterator<String> symbols() {
      return part.symbols();
    }

    @Override
    public Iterator<ChunkSeries> series() {
      List<ChunkSeries> all = new ArrayList<>();
      part.series().forEachRemaining(all::add);
      ChunkSeries last = all.removeLast();
      List<ChunkPointer> chunks =
          last.chunks().stream()
              .map(chunk -> (ChunkPointer) new UnreadableChunk(chunk, failure))
              .toList();
      all.add(new ChunkSeries(last.labels(), chunks, last.deleted()));
      return all.iterator();
    }
  }

  private record UnreadableChunk(ChunkPointer chunk, IOException failure) implements ChunkPointer {
    @Override
    public long minMs() {
      return chunk.minMs();
    }

    @Override
    public long maxMs() {
      return chunk.maxMs();
    }

    @Override
    public Chunk load() throws IOException {
      throw failure;
    }
  }

  /** Counts chunks that are still referred to, while much more is written than is held. */
  @Test
  void onlyTheChunksOfOneSeriesAreHeld() throws Exception {
    ManySeries one = new ManySeries(1_500, 0);
    ManySeries other = new ManySeries(1_500, END_MS / 2);
    AtomicInteger pieces = new AtomicInteger();
    AtomicInteger heldMax = new AtomicInteger();
    Pace counting =
        sizeBytes -> {
          if (sizeBytes > 1 << 16 && pieces.getAndIncrement() % 4 == 1) {
            heldMax.accumulateAndGet(one.live() + other.live(), Math::max);
          }
        };
    Optional<BlockMeta> meta =
        compactor(counting)
            .compact(RESULT, List.of(new Source(metaOf(1), one), new Source(metaOf(2), other)));
    assertThat(meta).isPresent();
    assertThat(one.loaded()).isEqualTo(1_500 * ManySeries.CHUNKS);
    assertThat(pieces.get()).isGreaterThan(4);
    assertThat(heldMax.get()).isBetween(1, 4 * ManySeries.CHUNKS);
  }

  private static BlockMeta metaOf(long ulid) {
    return new BlockMeta(
        new Ulid(1, ulid),
        0,
        END_MS,
        new Stats(1, 1, 0, 1, 1, 0),
        Compaction.ofHead(new Ulid(1, ulid)));
  }
}
