package io.rafttsdb.storage.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.block.Block;
import io.rafttsdb.storage.block.BlockDirectory;
import io.rafttsdb.storage.block.BlockDirectory.Opened;
import io.rafttsdb.storage.block.BlockMeta;
import io.rafttsdb.storage.block.BlockVerifier;
import io.rafttsdb.storage.file.CrashingDisk;
import io.rafttsdb.storage.file.CrashingDisk.Variant;
import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.file.ForgetfulDisk;
import io.rafttsdb.storage.file.LocalDisk;
import io.rafttsdb.storage.merge.RandomParts;
import io.rafttsdb.storage.merge.RandomParts.Part;
import io.rafttsdb.storage.merge.Sample;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A crash at every step of a compaction and of the deletion of its sources: what opens afterwards
 * has the same samples, and the same compaction of what is left gives the same bytes.
 *
 * <p>System property {@code rafttsdb.crash.variants}: random outcomes of each crash, 1 if not set.
 */
class CompactionCrashTest {

  private static final int VARIANTS = Integer.getInteger("rafttsdb.crash.variants", 1);
  private static final long END_MS = 10_000;

  /** After the names that {@link ManifestBlocks} gives. */
  private static final Ulid RESULT = new Ulid(0x0190_0000_0000_0001L, 0);

  @TempDir private Path scratch;
  private Path root = Path.of("");
  private SortedMap<Labels, SortedMap<Long, Sample>> expected;

  @BeforeEach
  void buildSources() throws Exception {
    root = Files.createDirectory(scratch.resolve("root"));
    ManifestBlocks blocks = new ManifestBlocks(root);
    RandomParts source = new RandomParts(new SplittableRandom(8));
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      parts.add(source.part(4, 0, END_MS));
      blocks.add(parts.getLast(), 0, END_MS);
    }
    assertThat(blocks.manifest()).hasSize(2);
    expected = RandomParts.seen(parts, Long.MIN_VALUE, Long.MAX_VALUE);
  }

  /** Merges what is there into one block, as often as it is asked, and deletes what it replaces. */
  private static void compact(Disk disk, Path directory) throws Exception {
    BlockDirectory blocks = new BlockDirectory(directory, disk);
    Opened opened = blocks.open(Runnable::run);
    try {
      List<Compactor.Source> sources =
          opened.blocks().stream().map(block -> new Compactor.Source(block.meta(), block)).toList();
      if (sources.size() > 1) {
        Compactor compactor = new Compactor(disk, directory, Pace.UNBOUNDED);
        assertThat(compactor.compact(RESULT, sources)).isPresent();
      }
    } finally {
      opened.blocks().forEach(Block::close);
    }
    for (Ulid ulid : blocks.list()) {
      if (!ulid.equals(RESULT)) {
        blocks.delete(ulid);
      }
    }
  }

  private void assertSamples(Path directory) throws IOException {
    Opened opened = new BlockDirectory(directory, new ForgetfulDisk()).open(Runnable::run);
    try {
      assertThat(opened.refused()).isEmpty();
      assertThat(ManifestBlocks.seen(opened.blocks(), Long.MIN_VALUE, Long.MAX_VALUE))
          .isEqualTo(expected);
    } finally {
      opened.blocks().forEach(Block::close);
    }
  }

  @Test
  void aCrashAtAnyStepLosesAndRevivesNothing() throws Exception {
    CrashingDisk disk = new CrashingDisk(root);
    compact(disk, root);
    final SortedMap<String, String> result = ManifestBlocks.filesOf(root);
    assertThat(result.keySet()).isNotEmpty().allMatch(file -> file.startsWith(RESULT.toString()));
    BlockMeta meta = BlockVerifier.verify(root.resolve(RESULT.toString()), bytes -> {});
    assertThat(meta.compaction().parents()).hasSize(2);
    assertSamples(root);
    assertThat(disk.stepCount()).isGreaterThan(20);
    int number = 0;
    for (int step = 0; step <= disk.stepCount(); step++) {
      for (int i = -2; i < VARIANTS; i++) {
        Variant variant = i == -2 ? Variant.LOST : i == -1 ? Variant.KEPT : Variant.MIXED;
        Path left = Files.createDirectory(scratch.resolve("crash" + number++));
        disk.materialize(step, variant, step * 31L + i, left);
        try {
          assertSamples(left);
          if (i >= 0) {
            compact(new ForgetfulDisk(), left);
            assertThat(ManifestBlocks.filesOf(left)).isEqualTo(result);
          }
        } catch (IOException | AssertionError e) {
          throw new AssertionError("crash at step " + step + ", " + variant + " " + i, e);
        }
        new LocalDisk().delete(left);
      }
    }
  }
}
