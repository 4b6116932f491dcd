package io.rafttsdb.storage.part;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.Digest;
import io.rafttsdb.storage.manifest.Manifest;
import io.rafttsdb.storage.manifest.ManifestChange;
import io.rafttsdb.storage.manifest.ManifestChange.Accepted;
import io.rafttsdb.storage.manifest.ManifestPart.Origin;
import io.rafttsdb.storage.model.Ulid;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class BlockCoverTest {

  private static final Ulid WAITING = ulid(1);
  private static final Ulid BUILT = ulid(2);
  private static final Ulid LEFT = ulid(3);
  private static final Ulid RIGHT = ulid(4);
  private static final Ulid MERGED = ulid(5);

  /** One part that waits, one that is built, and one that was merged of two. */
  private static final Manifest MANIFEST = manifest();

  private static Ulid ulid(long low) {
    return new Ulid(1, low);
  }

  private static BlockFacts facts(long sizeBytes) {
    return new BlockFacts(Digest.of(new byte[Digest.BYTES]), sizeBytes, 1, 1, 1);
  }

  private static Manifest manifest() {
    Manifest manifest = Manifest.EMPTY;
    int range = 0;
    for (Ulid ulid : List.of(BUILT, LEFT, RIGHT)) {
      manifest = after(manifest.cut(ulid, Origin.HEAD, range, range + 1));
      manifest = after(manifest.built(ulid, facts(100 + range)));
      range++;
    }
    manifest = after(manifest.compact(MERGED, List.of(LEFT, RIGHT)));
    manifest = after(manifest.built(MERGED, facts(500)));
    return after(manifest.cut(WAITING, Origin.HEAD, range, range + 1));
  }

  private static Manifest after(ManifestChange change) {
    return ((Accepted) change).manifest();
  }

  private static BlockCover cover(Set<Ulid> inImage, Map<Ulid, Long> here) {
    return BlockCover.of(
        MANIFEST,
        inImage,
        ulid -> here.containsKey(ulid) ? OptionalLong.of(here.get(ulid)) : OptionalLong.empty());
  }

  @Test
  void everyBlockThatIsHereCoversItsPart() {
    BlockCover cover = cover(Set.of(), Map.of(WAITING, 9L, BUILT, 100L, MERGED, 500L, LEFT, 101L));
    assertThat(cover.blocks()).containsExactly(BUILT, MERGED, WAITING);
    assertThat(cover.uncovered()).isEmpty();
  }

  @Test
  void whatIsInTheImageNeedsNoBlock() {
    BlockCover cover = cover(Set.of(WAITING, BUILT, MERGED), Map.of(MERGED, 500L));
    assertThat(cover.blocks()).containsExactly(MERGED);
    assertThat(cover.uncovered()).isEmpty();
  }

  @Test
  void parentsCoverTogetherEachAsItsBlockOrInTheImage() {
    Set<Ulid> rest = Set.of(WAITING, BUILT);
    assertThat(cover(rest, Map.of(LEFT, 101L, RIGHT, 102L)).blocks()).containsExactly(LEFT, RIGHT);
    assertThat(cover(rest, Map.of(LEFT, 101L)).uncovered()).containsExactly(MERGED);
    assertThat(cover(rest, Map.of()).uncovered()).containsExactly(MERGED);

    BlockCover mixed = cover(Set.of(WAITING, BUILT, RIGHT), Map.of(LEFT, 101L));
    assertThat(mixed.blocks()).containsExactly(LEFT);
    assertThat(mixed.uncovered()).isEmpty();
    assertThat(cover(Set.of(WAITING, BUILT, LEFT, RIGHT), Map.of()).uncovered()).isEmpty();
  }

  @Test
  void aBlockOfAnotherSizeThanTheMajoritysCoversNothing() {
    BlockCover cover = cover(Set.of(WAITING), Map.of(BUILT, 99L, MERGED, 500L));
    assertThat(cover.blocks()).containsExactly(MERGED);
    assertThat(cover.uncovered()).containsExactly(BUILT);
  }
}
