package io.rafttsdb.storage.manifest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.manifest.ManifestChange.Accepted;
import io.rafttsdb.storage.manifest.ManifestChange.Refused;
import io.rafttsdb.storage.manifest.ManifestPart.Origin;
import io.rafttsdb.storage.model.Matcher;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ManifestTest {

  private static final long R = 1000;
  private static final List<Matcher> ALL =
      List.of(new Matcher(Matcher.Type.NOT_EQUAL, "__name__", ""));

  private static Ulid ulid(int number) {
    return new Ulid(0, number);
  }

  private static BlockFacts facts(long samples) {
    return new BlockFacts(new Digest(1, 2, 3, samples), 100, 1, 1, samples);
  }

  private static Manifest accepted(ManifestChange change) {
    assertThat(change).isInstanceOf(Accepted.class);
    return ((Accepted) change).manifest();
  }

  private static void assertRefused(ManifestChange change, String reason) {
    assertThat(change)
        .isInstanceOfSatisfying(
            Refused.class, refused -> assertThat(refused.reason()).contains(reason));
  }

  private static Manifest cut(Manifest manifest, int number) {
    return accepted(manifest.cut(ulid(number), Origin.HEAD, number * R, (number + 1) * R));
  }

  private static Manifest block(Manifest manifest, int number) {
    return accepted(cut(manifest, number).built(ulid(number), facts(1)));
  }

  private static List<Ulid> names(Manifest manifest) {
    return manifest.parts().stream().map(ManifestPart::ulid).toList();
  }

  @Test
  void aCutWaitsUntilItsBlockIsBuilt() {
    Manifest waiting = cut(Manifest.EMPTY, 1);
    assertThat(waiting.waitingCount()).isEqualTo(1);
    Manifest built = accepted(waiting.built(ulid(1), facts(5)));
    assertThat(built.waitingCount()).isZero();
    assertThat(built.part(ulid(1)).orElseThrow().facts()).isEqualTo(facts(5));
    assertRefused(built.built(ulid(1), facts(5)), "already");
    assertRefused(built.built(ulid(9), facts(5)), "nothing of the name");
    assertRefused(built.cut(ulid(1), Origin.HEAD, 0, R), "taken");
  }

  @Test
  void atMostTwoWaitOutOfOrderOnesApart() {
    Manifest two = cut(cut(Manifest.EMPTY, 1), 2);
    assertRefused(two.cut(ulid(3), Origin.HEAD, 3 * R, 4 * R), "wait for their blocks");
    assertThat(accepted(two.cut(ulid(3), Origin.OUT_OF_ORDER, 0, R)).parts()).hasSize(3);
  }

  @Test
  void anEmptyBlockIsNoPart() {
    assertThat(accepted(cut(Manifest.EMPTY, 1).built(ulid(1), facts(0)))).isEqualTo(Manifest.EMPTY);
  }

  @Test
  void aCompactionsResultTakesThePlaceOfItsFirstSource() {
    Manifest three = block(block(block(Manifest.EMPTY, 1), 2), 3);
    Manifest ordered = accepted(three.compact(ulid(7), List.of(ulid(1), ulid(2))));
    assertThat(names(ordered)).containsExactly(ulid(1), ulid(2), ulid(3));
    Manifest done = accepted(ordered.built(ulid(7), facts(2)));
    assertThat(names(done)).containsExactly(ulid(7), ulid(3));
    ManifestPart result = done.parts().getFirst();
    assertThat(result.level()).isEqualTo(2);
    assertThat(result.sources()).containsExactly(ulid(1), ulid(2));
    assertThat(result.minMs()).isEqualTo(R);
    assertThat(result.endMs()).isEqualTo(3 * R);
    assertRefused(done.cut(ulid(1), Origin.HEAD, 0, R), "taken");
  }

  @Test
  void aCompactionThatDoesNotFitIsRefused() {
    Manifest three = block(block(block(Manifest.EMPTY, 1), 2), 3);
    assertRefused(three.compact(ulid(7), List.of(ulid(2), ulid(1))), "manifest's order");
    assertRefused(three.compact(ulid(7), List.of(ulid(1), ulid(9))), "manifest's order");
    assertRefused(three.compact(ulid(7), List.of()), "manifest's order");
    assertRefused(three.compact(ulid(3), List.of(ulid(1))), "taken");
    Manifest ordered = accepted(three.compact(ulid(7), List.of(ulid(1), ulid(2))));
    assertRefused(ordered.compact(ulid(8), List.of(ulid(2), ulid(3))), "is one of compaction");
    assertRefused(cut(three, 4).compact(ulid(8), List.of(ulid(3), ulid(4))), "has no block yet");
  }

  @Test
  void anOverlappingPartThatCameBetweenTheSourcesForbidsTheCompaction() {
    Manifest manifest = block(Manifest.EMPTY, 1);
    manifest = accepted(manifest.cut(ulid(5), Origin.OUT_OF_ORDER, R, 2 * R));
    manifest = accepted(manifest.built(ulid(5), facts(1)));
    manifest = block(manifest, 2);
    assertRefused(manifest.compact(ulid(7), List.of(ulid(1), ulid(2))), "came between them");
    assertThat(
            accepted(manifest.compact(ulid(7), List.of(ulid(1), ulid(5), ulid(2)))).compactions())
        .hasSize(1);
  }

  @Test
  void aDeleteIsBorneUntilItIsCarriedOut() {
    Manifest two = block(block(Manifest.EMPTY, 1), 2);
    Manifest deleted = accepted(two.delete(ALL, R, R + 10));
    assertThat(deleted.deletesOf(deleted.parts().getFirst())).hasSize(1);
    assertThat(deleted.deletesOf(deleted.parts().getLast())).isEmpty();
    Manifest ordered = accepted(deleted.compact(ulid(7), List.of(ulid(1))));
    Manifest again = accepted(ordered.delete(ALL, R + 5, R + 20));
    Manifest done = accepted(again.built(ulid(7), facts(1)));
    assertThat(done.deletesOf(done.parts().getFirst()))
        .extracting(BlockDelete::number)
        .containsExactly(2L);
    assertThat(accepted(done.drop(List.of(ulid(7)))).deletes()).isEmpty();
    assertThat(accepted(done.drop(List.of(ulid(7)))).lastDelete()).isEqualTo(2);
  }

  @Test
  void aDeleteOfNothingBelowTheHeadIsNotKept() {
    Manifest deleted = accepted(Manifest.EMPTY.delete(ALL, 0, 10));
    assertThat(deleted.deletes()).isEmpty();
    assertThat(deleted.lastDelete()).isEqualTo(1);
    assertThat(accepted(deleted.cut(ulid(1), Origin.HEAD, 0, R)).parts().getFirst().bakedDelete())
        .isEqualTo(1);
  }

  @Test
  void droppingASourceCallsItsCompactionOff() {
    Manifest ordered =
        accepted(block(block(Manifest.EMPTY, 1), 2).compact(ulid(7), List.of(ulid(1), ulid(2))));
    Manifest dropped = accepted(ordered.drop(List.of(ulid(1))));
    assertThat(dropped.compactions()).isEmpty();
    assertRefused(dropped.built(ulid(7), facts(1)), "nothing of the name");
    assertRefused(dropped.drop(List.of(ulid(1))), "no block");
    assertRefused(cut(dropped, 3).drop(List.of(ulid(3))), "no block");
  }

  private static Manifest sample() {
    Manifest manifest = block(block(block(Manifest.EMPTY, 1), 2), 3);
    manifest = accepted(manifest.delete(ALL, R, 2 * R));
    manifest = accepted(manifest.compact(ulid(7), List.of(ulid(1), ulid(2))));
    return accepted(manifest.cut(ulid(8), Origin.OUT_OF_ORDER, 0, R));
  }

  /** The bytes of format version 1 stay as they are. */
  @Test
  void theGoldenBytesAreReadAndWritten() throws IOException {
    String golden;
    try (InputStream in = ManifestTest.class.getResourceAsStream("manifest-v1.hex")) {
      golden = new String(in.readAllBytes(), UTF_8).strip();
    }
    assertThat(HexFormat.of().formatHex(ManifestCodec.encode(sample()))).isEqualTo(golden);
    assertThat(ManifestCodec.decode(HexFormat.of().parseHex(golden))).isEqualTo(sample());
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void damagedBytesAreRefusedOrAnotherManifest(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] sound = ManifestCodec.encode(sample());
    for (int round = 0; round < 500; round++) {
      byte[] damaged = Arrays.copyOf(sound, 1 + random.nextInt(sound.length));
      for (int i = random.nextInt(3); i >= 0; i--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      try {
        Manifest read = ManifestCodec.decode(damaged);
        assertThat(ManifestCodec.encode(read)).hasSameSizeAs(damaged);
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageMatching("(?s).+");
      }
    }
  }

  static LongStream seeds() {
    return LongStream.concat(LongStream.range(0, 40), new Random().longs(4));
  }

  /** Any command, fitting or not, leaves a manifest whose parts are named once and whole. */
  @ParameterizedTest
  @MethodSource("seeds")
  void anyHistoryKeepsTheInvariants(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Manifest manifest = Manifest.EMPTY;
    for (int step = 1; step <= 300; step++) {
      manifest =
          switch (step(manifest, random, step)) {
            case Accepted(Manifest changed) -> changed;
            case Refused _ -> manifest;
          };
      check(manifest);
    }
  }

  private static ManifestChange step(Manifest manifest, SplittableRandom random, int step) {
    List<Ulid> some = new ArrayList<>();
    for (Ulid name : names(manifest)) {
      if (random.nextInt(4) == 0) {
        some.add(name);
      }
    }
    long minMs = random.nextInt(20) * R;
    return switch (random.nextInt(6)) {
      case 0 -> manifest.cut(ulid(step), Origin.HEAD, minMs, minMs + R);
      case 1 -> manifest.cut(ulid(step), Origin.OUT_OF_ORDER, minMs, minMs + R);
      case 2 -> manifest.compact(ulid(step), some);
      case 3 -> manifest.built(ulid(1 + random.nextInt(step)), facts(random.nextInt(3)));
      case 4 -> manifest.delete(ALL, minMs, minMs + random.nextInt(3000));
      default -> random.nextInt(4) == 0 ? manifest.drop(some) : manifest.drop(List.of());
    };
  }

  private static void check(Manifest manifest) {
    assertThat(names(manifest)).doesNotHaveDuplicates();
    assertThat(manifest.waitingCount()).isLessThanOrEqualTo(Manifest.WAITING_MAX);
    assertThat(manifest.parts().stream().flatMap(part -> part.sources().stream()))
        .doesNotHaveDuplicates();
    assertThat(manifest.compactions().stream().flatMap(each -> each.sources().stream()))
        .doesNotHaveDuplicates()
        .isSubsetOf(names(manifest));
    assertThat(manifest.deletes())
        .allSatisfy(
            delete -> assertThat(manifest.parts().stream().anyMatch(delete::concerns)).isTrue());
    assertThat(ManifestCodec.decode(ManifestCodec.encode(manifest))).isEqualTo(manifest);
  }
}
