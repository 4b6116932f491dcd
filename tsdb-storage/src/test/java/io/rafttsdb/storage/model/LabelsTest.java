package io.rafttsdb.storage.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LabelsTest {

  static LongStream seeds() {
    return LongStream.concat(LongStream.range(0, 32), new Random().longs(4));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void behavesLikeASortedMap(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 100; round++) {
      Map<String, String> model = randomLabels(random);
      Labels labels = labels(model);
      assertThat(labels.count()).isEqualTo(model.size());
      Map<String, String> seen = new TreeMap<>();
      labels.forEach(seen::put);
      assertThat(seen).isEqualTo(model);
      String name = randomString(random, 1);
      assertThat(labels.get(name)).isEqualTo(model.getOrDefault(name, ""));
      assertThat(labels.has(name)).isEqualTo(model.containsKey(name));
      Map<String, String> rest = new TreeMap<>(model);
      rest.remove(name);
      assertThat(labels.without(name)).isEqualTo(labels(rest));
      assertThat(labels.drop(Set.of(name))).isEqualTo(labels(rest));
      Map<String, String> kept = new TreeMap<>(model);
      kept.keySet().retainAll(Set.of(name));
      assertThat(labels.keep(Set.of(name))).isEqualTo(labels(kept));
      assertThat(Labels.fromCanonical(labels.canonical().clone())).isEqualTo(labels);
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void ordersByLabelThenValueBytewise(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      Map<String, String> a = randomLabels(random);
      Map<String, String> b = randomLabels(random);
      int expected = Integer.signum(Arrays.compareUnsigned(sortKey(a), sortKey(b)));
      assertThat(Integer.signum(labels(a).compareTo(labels(b)))).isEqualTo(expected);
      assertThat(labels(a).equals(labels(b))).isEqualTo(expected == 0);
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void refusesBytesThatAreNotCanonical(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      byte[] bytes = labels(randomLabels(random)).canonical().clone();
      if (bytes.length == 0) {
        continue;
      }
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 + random.nextInt(255));
      try {
        Labels accepted = Labels.fromCanonical(bytes);
        assertThat(accepted.toBuilder().build().count()).isEqualTo(accepted.count());
      } catch (IllegalArgumentException expected) {
        assertThat(expected).hasMessageMatching("(?s).*(offset|names).*");
      }
    }
  }

  @Test
  void namesTheFault() {
    assertThatThrownBy(() -> Labels.of("a", "1", "a", "2"))
        .hasMessage("label name a is there twice");
    assertThatThrownBy(() -> Labels.fromCanonical(new byte[] {1, 'b', 1, 'x', 1, 'a', 1, 'y'}))
        .hasMessage("label names are not sorted or repeated at offset 4");
    assertThatThrownBy(() -> Labels.fromCanonical(new byte[] {5, 'b'}))
        .hasMessage("label string of length 5 at offset 0 of 2 bytes");
    assertThatThrownBy(() -> Labels.fromCanonical(new byte[] {(byte) 0x81, 0, 'b', 1, 'c'}))
        .hasMessage("overlong length before offset 2");
  }

  @Test
  void printsAsPrometheusDoes() {
    assertThat(Labels.of("job", "a\"b", "__name__", "up"))
        .hasToString("{__name__=\"up\", job=\"a\\\"b\"}");
  }

  private static Labels labels(Map<String, String> model) {
    Labels.Builder builder = new Labels.Builder();
    model.forEach(builder::set);
    return builder.build();
  }

  private static Map<String, String> randomLabels(Random random) {
    Map<String, String> labels =
        new TreeMap<>((x, y) -> Arrays.compareUnsigned(x.getBytes(UTF_8), y.getBytes(UTF_8)));
    int count = random.nextInt(5);
    for (int i = 0; i < count; i++) {
      labels.put(randomString(random, 1), randomString(random, random.nextInt(20) == 0 ? 200 : 1));
    }
    return labels;
  }

  /** Short strings over few characters, so that sets collide and begin one another. */
  private static String randomString(Random random, int lengthMin) {
    String[] alphabet = {"a", "b", "\u00e9", "\ud83d\ude00", "\uff5e"};
    StringBuilder string = new StringBuilder();
    int length = lengthMin + random.nextInt(3);
    for (int i = 0; i < length; i++) {
      string.append(alphabet[random.nextInt(alphabet.length)]);
    }
    return string.toString();
  }

  /** No character of the alphabet is below 2, so 1 ends a string and sorts before all others. */
  private static byte[] sortKey(Map<String, String> labels) {
    StringBuilder key = new StringBuilder();
    labels.forEach(
        (name, value) -> key.append(name).append('\u0001').append(value).append('\u0001'));
    return key.toString().getBytes(UTF_8);
  }
}
