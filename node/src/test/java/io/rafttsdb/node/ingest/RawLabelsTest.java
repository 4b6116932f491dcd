package io.rafttsdb.node.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.node.ingest.RawLabels.BadLabels;
import io.rafttsdb.storage.model.Labels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class RawLabelsTest {

  static LongStream seeds() {
    return LongStream.concat(LongStream.range(0, 40), new Random().longs(4));
  }

  /** Sorted names, among them long strings and ones beyond ASCII. */
  private static String[] randomLabels(SplittableRandom random) {
    TreeSet<String> names = new TreeSet<>();
    names.add("__name__");
    for (int i = random.nextInt(8); i > 0; i--) {
      names.add("l" + random.nextInt(100) + "é".repeat(random.nextInt(3)));
    }
    List<String> labels = new ArrayList<>();
    for (String name : names) {
      labels.add(name);
      labels.add("v".repeat(1 + random.nextInt(300)) + random.nextInt(10));
    }
    return labels.toArray(String[]::new);
  }

  /** The canonical bytes of each label: those of the set that has it alone. */
  private static byte[][] eachOf(String[] labels) {
    byte[][] each = new byte[labels.length / 2][];
    List<String> names = new ArrayList<>();
    Labels.of(labels)
        .forEach((name, value) -> {
          each[names.size()] = Labels.of(name, value).canonical();
          names.add(name);
        });
    return each;
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void theSameLabelsAreRecognizedAndOthersAreNot(long seed) throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    String[] labels = randomLabels(random);
    byte[] raw = RawRequest.labels(labels);
    byte[][] known = eachOf(labels);

    assertThat(RawLabels.parse(raw, 0, raw.length)).isEqualTo(Labels.of(labels));
    assertThat(RawLabels.isSame(raw, 0, raw.length, known)).isTrue();

    byte[] changed = raw.clone();
    int at = random.nextInt(raw.length);
    changed[at] ^= (byte) (1 + random.nextInt(255));
    assertThat(RawLabels.isSame(changed, 0, changed.length, known)).as("byte %d", at).isFalse();
    int cut = random.nextInt(raw.length);
    assertThat(RawLabels.isSame(raw, 0, cut, known)).as("cut at %d", cut).isFalse();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void anyBytesEndInAnAnswer(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 500; round++) {
      String[] labels = randomLabels(random);
      byte[] sound = RawRequest.labels(labels);
      byte[] bytes = sound.clone();
      for (int i = random.nextInt(4); i >= 0; i--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      boolean same = RawLabels.isSame(bytes, 0, bytes.length, eachOf(labels));
      assertThat(same).isEqualTo(Arrays.equals(bytes, sound));
      try {
        Labels parsed = RawLabels.parse(bytes, 0, bytes.length);
        assertThat(Labels.fromCanonical(parsed.canonical())).isEqualTo(parsed);
      } catch (BadRequest | BadLabels e) {
        assertThat(e).hasMessageMatching("(?s).+");
      }
    }
  }

  @Test
  void theHashSeesEachByte() {
    byte[] bytes = RawRequest.labels("__name__", "up", "instance", "localhost:9090", "job", "node");
    long hash = RawLabels.hash(bytes, 0, bytes.length);
    for (int i = 0; i < bytes.length; i++) {
      byte[] changed = bytes.clone();
      changed[i]++;
      assertThat(RawLabels.hash(changed, 0, bytes.length)).as("byte %d", i).isNotEqualTo(hash);
    }
    assertThat(RawLabels.hash(bytes, 0, bytes.length - 1)).isNotEqualTo(hash);
  }

  @Test
  void unsortedLabelsAndEmptyValuesAreBroughtIntoForm() throws Exception {
    byte[] raw = RawRequest.labels("b", "2", "__name__", "m", "c", "", "a", "1");
    assertThat(RawLabels.parse(raw, 0, raw.length))
        .isEqualTo(Labels.of("__name__", "m", "a", "1", "b", "2"));
  }

  @Test
  void whatNoSeriesCanHaveIsRefusedWithItsReason() {
    assertBad("a label name is there twice", "__name__", "m", "a", "1", "a", "2");
    assertBad("no label __name__", "a", "1");
    assertBad("empty label name with the value \"1\"", "__name__", "m", "", "1");
  }

  private static void assertBad(String reason, String... labels) {
    byte[] raw = RawRequest.labels(labels);
    assertThatThrownBy(() -> RawLabels.parse(raw, 0, raw.length))
        .isInstanceOf(BadLabels.class)
        .hasMessage(reason);
  }

  @Test
  void aStringThatIsNoUtf8IsRefused() {
    byte[] raw =
        new RawRequest()
            .field(
                RawRequest.LABEL,
                new RawRequest()
                    .field(1, new byte[] {'a'})
                    .field(2, new byte[] {(byte) 0xc3, '('})
                    .bytes())
            .bytes();
    assertThatThrownBy(() -> RawLabels.parse(raw, 0, raw.length))
        .isInstanceOf(BadLabels.class)
        .hasMessageContaining("UTF-8");
  }
}
