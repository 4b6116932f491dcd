package io.rafttsdb.storage.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LabelPairsTest {

  static LongStream seeds() {
    return LongStream.concat(
        LongStream.range(0, 6), new SplittableRandom().longs(2).map(Math::abs));
  }

  /** A label of a series. */
  private record Label(int seriesId, int name, int value) {}

  private static List<Label> labels(SplittableRandom random) {
    List<Label> labels = new ArrayList<>();
    int values = 1 << random.nextInt(1, 12);
    for (int id = 1; id < 200; id++) {
      for (int name = random.nextInt(3); name < 8; name += random.nextInt(1, 4)) {
        labels.add(new Label(id, name, random.nextInt(values)));
      }
    }
    return labels;
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void howeverFewFitIntoMemoryThePostingsAreTheSame(long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    List<Label> labels = labels(random);
    SortedMap<Long, List<Integer>> expected = new TreeMap<>();
    LabelPairs pairs = new LabelPairs();
    for (Label label : labels) {
      pairs.add(label.name, label.value);
      expected
          .computeIfAbsent((long) label.name << 32 | label.value, none -> new ArrayList<>())
          .add(label.seriesId);
    }
    pairs.order();
    assertThat(pairs.size()).isEqualTo(expected.size());
    for (long idsMax : new long[] {1, 7, 100, 1_000_000}) {
      SortedMap<Long, List<Integer>> found = new TreeMap<>();
      int[] largest = {0};
      pairs.postings(
          visitor -> {
            for (Label label : labels) {
              visitor.label(label.seriesId, label.name, label.value);
            }
          },
          idsMax,
          (pair, ids, start, end) -> {
            List<Integer> list = new ArrayList<>();
            for (int i = start; i < end; i++) {
              list.add(ids[i]);
            }
            assertThat(list).hasSize(pairs.count(pair));
            assertThat(found).hasSize(pair);
            found.put((long) pairs.name(pair) << 32 | pairs.value(pair), list);
            largest[0] = Math.max(largest[0], start > 0 ? ids.length : 0);
          });
      assertThat(found).isEqualTo(expected);
      assertThat(largest[0]).isLessThanOrEqualTo((int) idsMax);
    }
  }

  @Test
  void seriesThatWereNotCountedAreNoticed() {
    LabelPairs pairs = new LabelPairs();
    pairs.add(1, 2);
    pairs.add(1, 2);
    pairs.order();
    assertThatThrownBy(() ->
            pairs.postings(visitor -> visitor.label(5, 1, 2), 10, (pair, ids, start, end) -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("expected 2 series");
  }
}
