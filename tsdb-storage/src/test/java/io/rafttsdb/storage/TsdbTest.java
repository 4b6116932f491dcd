package io.rafttsdb.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.storage.model.AppendResult;
import io.rafttsdb.storage.model.AppendResult.Judged;
import io.rafttsdb.storage.model.AppendResult.Reason;
import io.rafttsdb.storage.model.AppendResult.Refused;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.LimitExceeded;
import io.rafttsdb.storage.model.Matcher;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.Samples;
import io.rafttsdb.storage.model.Selection;
import io.rafttsdb.storage.model.SeriesView;
import io.rafttsdb.storage.model.Settings;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TsdbTest {

  private static final long HOUR_MS = 3_600_000;
  private static final long T0 = 1_700_000_000_000L;
  private static final Labels UP = Labels.of("__name__", "up", "job", "node");

  private static Tsdb configured() {
    Tsdb tsdb = new Tsdb();
    assertThat(tsdb.configure(new Settings(2 * HOUR_MS, 0))).isTrue();
    return tsdb;
  }

  private static SampleBatch batch(Labels labels, long... timesAndBits) {
    SampleBatch.Builder builder = new SampleBatch.Builder().series(labels);
    for (int i = 0; i < timesAndBits.length; i += 2) {
      builder.sample(timesAndBits[i], timesAndBits[i + 1]);
    }
    return builder.build();
  }

  private static Selection all(Matcher... matchers) {
    return new Selection(List.of(matchers), Long.MIN_VALUE, Long.MAX_VALUE);
  }

  private static List<List<Long>> samples(SeriesView series) {
    List<List<Long>> found = new ArrayList<>();
    SampleCursor cursor = series.samples();
    while (cursor.next()) {
      found.add(List.of(cursor.timestampMs(), cursor.valueBits()));
    }
    return found;
  }

  @Test
  void refusesEverythingWithoutSettings() {
    assertThat(new Tsdb().append(batch(UP, T0, 1))).isEqualTo(new AppendResult.NoSettings());
  }

  @Test
  void acceptsOnlySettingsOfTheSameBlockRange() {
    Tsdb tsdb = configured();

    assertThat(tsdb.configure(new Settings(HOUR_MS, 0))).isFalse();
    assertThat(tsdb.configure(new Settings(2 * HOUR_MS, HOUR_MS))).isTrue();
    assertThat(tsdb.configure(new Settings(2 * HOUR_MS, 0))).isTrue();
    assertThat(tsdb.settings()).isNull();
    tsdb.publish(0);
    assertThat(tsdb.settings()).isEqualTo(new Settings(2 * HOUR_MS, 0));
  }

  @Test
  void judgesEachSampleByItself() {
    Tsdb tsdb = configured();
    tsdb.append(batch(UP, T0, 1, T0 + 10, 2, T0 + 20, 3));

    AppendResult result =
        tsdb.append(
            batch(
                UP,
                T0 + 20,
                3,
                T0 + 20,
                4,
                T0,
                1,
                T0 + 10,
                5,
                T0 + 5,
                2,
                T0 - HOUR_MS,
                1,
                T0 + 30,
                Samples.STALE));

    assertThat(result)
        .isEqualTo(
            new Judged(
                1,
                2,
                4,
                List.of(
                    new Refused(0, 1, Reason.DUPLICATE),
                    new Refused(0, 3, Reason.DUPLICATE),
                    new Refused(0, 4, Reason.OUT_OF_ORDER),
                    new Refused(0, 5, Reason.OUT_OF_BOUNDS))));
    tsdb.publish(1);
    assertThat(samples(tsdb.select(List.of(all()), 1).series().getFirst().getFirst()))
        .containsExactly(
            List.of(T0, 1L),
            List.of(T0 + 10, 2L),
            List.of(T0 + 20, 3L),
            List.of(T0 + 30, Samples.STALE));
  }

  @Test
  void boundsAreThoseAtTheStartOfTheBatch() {
    Tsdb tsdb = configured();
    Labels other = Labels.of("__name__", "down");
    SampleBatch batch =
        new SampleBatch.Builder()
            .series(UP)
            .sample(T0 + 10 * HOUR_MS, 1)
            .series(other)
            .sample(T0, 1)
            .build();

    assertThat(tsdb.append(batch)).isEqualTo(new Judged(2, 0, 0, List.of()));
    assertThat(tsdb.append(batch(UP, T0 + 9 * HOUR_MS, 1)))
        .isEqualTo(new Judged(0, 0, 1, List.of(new Refused(0, 0, Reason.OUT_OF_ORDER))));
    assertThat(tsdb.append(batch(UP, T0 + 9 * HOUR_MS - 1, 1)))
        .isEqualTo(new Judged(0, 0, 1, List.of(new Refused(0, 0, Reason.OUT_OF_BOUNDS))));
  }

  @Test
  void aRefusedSampleCreatesNoSeries() {
    Tsdb tsdb = configured();
    tsdb.append(batch(UP, T0, 1));
    Labels late = Labels.of("__name__", "late");

    tsdb.append(batch(late, T0 - HOUR_MS - 1, 1));
    tsdb.publish(1);

    assertThat(tsdb.refOf(late)).isEqualTo(SampleBatch.NO_REF);
    assertThat(tsdb.stats().seriesCount()).isEqualTo(1);
  }

  @Test
  void anUnknownRefRefusesTheWholeBatch() {
    Tsdb tsdb = configured();
    tsdb.append(batch(UP, T0, 1));

    SampleBatch batch =
        new SampleBatch.Builder().series(1).sample(T0 + 1, 1).series(7).sample(T0 + 1, 1).build();

    assertThat(tsdb.append(batch)).isEqualTo(new AppendResult.UnknownRef(7));
    tsdb.publish(1);
    assertThat(tsdb.stats().sampleCount()).isEqualTo(1);
  }

  @Test
  void nothingIsSeenBeforeItsEntryIsPublished() {
    Tsdb tsdb = configured();
    tsdb.append(batch(UP, T0, 1));
    assertThat(tsdb.select(List.of(all()), 9).series()).containsExactly(List.of());
    assertThat(tsdb.labelsOf(1)).isNull();

    tsdb.publish(5);
    tsdb.append(batch(UP, T0 + 1, 2));
    tsdb.append(batch(Labels.of("a", "b"), T0 + 1, 2));

    assertThat(tsdb.publishedIndex()).isEqualTo(5);
    List<SeriesView> seen = tsdb.select(List.of(all()), 9).series().getFirst();
    assertThat(seen).hasSize(1);
    assertThat(samples(seen.getFirst())).containsExactly(List.of(T0, 1L));
    assertThat(tsdb.labelNames(List.of(all()))).containsExactly("__name__", "job");
    assertThat(tsdb.labelsOf(1)).isEqualTo(UP);
    assertThat(tsdb.labelsOf(2)).isNull();
  }

  @Test
  void lookupsHonourTheTimeRangeAndTheSelections() {
    Tsdb tsdb = configured();
    tsdb.append(batch(Labels.of("__name__", "a", "old", "x"), T0, 1));
    tsdb.append(batch(Labels.of("__name__", "b", "new", "y"), T0 + 10, 1));
    tsdb.publish(1);

    Selection early = new Selection(List.of(), T0 - 5, T0 + 5);
    Selection b = all(new Matcher(Matcher.Type.EQUAL, "__name__", "b"));
    assertThat(tsdb.labelNames(List.of(early))).containsExactly("__name__", "old");
    assertThat(tsdb.labelValues("__name__", List.of(b))).containsExactly("b");
    assertThat(tsdb.labelValues("__name__", List.of(b, early, b))).containsExactly("a", "b");
    assertThat(tsdb.series(List.of(b, early)).stream().map(Labels::metricName))
        .containsExactly("a", "b");
    assertThat(tsdb.series(List.of())).isEmpty();
  }

  @Test
  void whatIsDeletedIsHiddenAndItsRepeatStaysSo() {
    Tsdb tsdb = configured();
    Labels other = Labels.of("__name__", "other");
    tsdb.append(batch(UP, T0, 1, T0 + 10, 2, T0 + 20, 3));
    tsdb.append(batch(other, T0 + 10, 7));
    tsdb.publish(1);

    tsdb.delete(List.of(new Matcher(Matcher.Type.EQUAL, "__name__", "up")), T0 + 5, Long.MAX_VALUE);
    assertThat(samples(tsdb.select(List.of(all()), 9).series().getFirst().getLast())).hasSize(3);
    tsdb.publish(2);
    assertThat(tsdb.append(batch(UP, T0 + 10, 2))).isEqualTo(new Judged(0, 1, 0, List.of()));
    tsdb.append(batch(UP, T0 + 30, 4));
    tsdb.publish(3);

    List<SeriesView> seen = tsdb.select(List.of(all()), 9).series().getFirst();
    assertThat(samples(seen.getFirst())).containsExactly(List.of(T0 + 10, 7L));
    assertThat(samples(seen.getLast())).containsExactly(List.of(T0, 1L), List.of(T0 + 30, 4L));
    tsdb.delete(List.of(), T0 + 10, T0 + 10);
    tsdb.publish(4);
    assertThat(tsdb.series(List.of(all()))).containsExactly(UP);
    assertThatThrownBy(() -> tsdb.delete(List.of(), 2, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[2, 1]");
  }

  @Test
  void tooManySeriesAreALimitExceeded() {
    Tsdb tsdb = configured();
    tsdb.append(batch(Labels.of("a", "1"), T0, 1));
    tsdb.append(batch(Labels.of("a", "2"), T0, 1));
    tsdb.publish(1);

    assertThat(tsdb.select(List.of(all()), 2).series().getFirst()).hasSize(2);
    assertThatThrownBy(() -> tsdb.select(List.of(all()), 1))
        .isInstanceOf(LimitExceeded.class)
        .hasMessageContaining("more than 1 series");
  }

  @Test
  void entriesArePublishedInOrderAndFrozenBetween() {
    Tsdb tsdb = configured();
    tsdb.publish(3);
    assertThatThrownBy(() -> tsdb.publish(3)).isInstanceOf(IllegalArgumentException.class);

    tsdb.append(batch(UP, T0, 1));
    assertThatThrownBy(tsdb::freeze).isInstanceOf(IllegalStateException.class);
  }
}
