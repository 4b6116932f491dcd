package io.rafttsdb.storage.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.model.Labels;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LabelIndexTest {

  private static final long FAR = 1L << 32;

  static LongStream seeds() {
    return LongStream.concat(
        LongStream.range(0, 16), new SplittableRandom().longs(4).map(Math::abs));
  }

  private static List<Long> list(Refs refs) {
    return LongStream.range(0, refs.count()).mapToObj(i -> refs.get((int) i)).toList();
  }

  /** Steps of 1, and now and then such that a list passes the 2^32 that 4 bytes reach. */
  private static long step(SplittableRandom random) {
    return switch (random.nextInt(40)) {
      case 0 -> FAR - random.nextInt(3);
      case 1 -> random.nextLong(1, 3 * FAR);
      default -> random.nextInt(1, 4);
    };
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void listsAreWhatAModelSaysHoweverFarRefsLieApart(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    LabelIndex index = new LabelIndex();
    Map<String, Set<Long>> model = new HashMap<>();
    long ref = random.nextBoolean() ? 1 : random.nextLong(1, FAR * 4);
    for (int round = 0; round < 6; round++) {
      for (int i = random.nextInt(200); i > 0; i--) {
        String value = "v" + random.nextInt(5);
        byte[][] _ = index.add(ref, Labels.of("a", value, "b", "1"));
        model.computeIfAbsent(value, any -> new TreeSet<>()).add(ref);
        ref += step(random);
      }
      check(index, model, ref, random);
      Set<Long> gone = new HashSet<>();
      int part = random.nextInt(1, 5);
      model
          .values()
          .forEach(refs -> refs.removeIf(each -> random.nextInt(part) == 0 && gone.add(each)));
      model.values().removeIf(Set::isEmpty);
      IndexRemoval removal = index.removal();
      while (!removal.step(random.nextInt(1, 100), each -> !gone.contains(each))) {
        assertThat(list(index.below(ref, any -> Labels.EMPTY).all())).isSorted();
      }
      check(index, model, ref, random);
    }
  }

  private static void check(
      LabelIndex index, Map<String, Set<Long>> model, long endRef, SplittableRandom random) {
    TreeSet<Long> all = new TreeSet<>();
    model.values().forEach(all::addAll);
    PostingsSource found = index.below(endRef, any -> Labels.EMPTY);
    assertThat(list(found.all())).containsExactlyElementsOf(all);
    assertThat(list(found.series("b", "1"))).containsExactlyElementsOf(all);
    model.forEach((value, refs) ->
        assertThat(list(found.series("a", value))).containsExactlyElementsOf(refs));
    if (!all.isEmpty()) {
      long bound = all.first() + random.nextLong(all.last() - all.first() + 2);
      PostingsSource earlier = index.below(bound, any -> Labels.EMPTY);
      assertThat(list(earlier.all())).containsExactlyElementsOf(all.headSet(bound));
    }
  }

  private static Refs refs(Set<Long> set, SplittableRandom random) {
    long[] refs = set.stream().mapToLong(Long::longValue).toArray();
    if (random.nextBoolean() || refs.length == 0) {
      return new Refs(refs, refs.length);
    }
    long base = refs[0];
    int[] small = LongStream.of(refs).mapToInt(each -> (int) (each - base)).toArray();
    return new Refs(base, small, small.length);
  }

  private static Set<Long> set(SplittableRandom random) {
    TreeSet<Long> set = new TreeSet<>();
    long from = random.nextLong(FAR);
    for (int i = random.nextInt(1, 1 << random.nextInt(1, 9)); i > 0; i--) {
      set.add(from + (random.nextInt(8) == 0 ? random.nextLong(FAR) : random.nextInt(300)));
    }
    set.removeIf(each -> each - set.first() >= FAR);
    return set;
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void setsOfEitherWidthGoTogether(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 50; i++) {
      Set<Long> one = set(random);
      Set<Long> other = random.nextBoolean() ? set(random) : new TreeSet<>(one);
      other.removeIf(each -> random.nextInt(3) == 0);
      Set<Long> both = new TreeSet<>(one);
      both.retainAll(other);
      Set<Long> rest = new TreeSet<>(one);
      rest.removeAll(other);
      TreeSet<Long> any = new TreeSet<>(one);
      any.addAll(other);
      Refs a = refs(one, random);
      Refs b = refs(other, random);
      assertThat(list(a.intersect(b))).containsExactlyElementsOf(both);
      assertThat(list(b.intersect(a))).containsExactlyElementsOf(both);
      assertThat(a.intersects(b)).isEqualTo(!both.isEmpty());
      assertThat(list(a.without(b))).containsExactlyElementsOf(rest);
      assertThat(list(Refs.union(List.of(a, b)))).containsExactlyElementsOf(any);
    }
  }

  @Test
  void seriesShareTheBytesOfALabel() {
    LabelIndex index = new LabelIndex();
    byte[][] one = index.add(1, Labels.of("a", "1", "b", "1"));
    byte[][] other = index.add(2, Labels.of("a", "1", "b", "2"));
    assertThat(other[0]).isSameAs(one[0]);
    assertThat(LabelBytes.join(one)).isEqualTo(Labels.of("a", "1", "b", "1"));
    assertThat(LabelBytes.join(other)).isEqualTo(Labels.of("a", "1", "b", "2"));
    assertThat(LabelBytes.areOf(one, Labels.of("a", "1", "b", "1"))).isTrue();
    assertThat(LabelBytes.areOf(one, Labels.of("a", "1", "b", "2"))).isFalse();
    assertThat(LabelBytes.areOf(one, Labels.of("a", "1"))).isFalse();
    assertThat(LabelBytes.areOf(one, Labels.of("a", "1", "b", "1", "c", "1"))).isFalse();
  }

  /** Both values are one string, of the character that stands for what is no UTF-8. */
  @Test
  void bytesThatAreNoUtf8StayTheirOwn() {
    LabelIndex index = new LabelIndex();
    Labels one = Labels.fromCanonical(new byte[] {1, 'a', 1, (byte) 0xfe});
    Labels other = Labels.fromCanonical(new byte[] {1, 'a', 1, (byte) 0xff});
    assertThat(LabelBytes.join(index.add(1, one))).isEqualTo(one);
    assertThat(LabelBytes.join(index.add(2, other))).isEqualTo(other);
  }
}
